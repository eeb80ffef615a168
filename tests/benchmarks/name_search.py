"""Search over generated names as people type: characters, letters, a beginning, a typing error, initials.

`python -m tests.benchmarks.name_search [--names 200000] [--asked 100]`; JSON lines. Names are drawn as for `name_check`,
each with every key that the register gives it; their lines lie on one spot, for nothing here is asked by place.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import psycopg

from geo_service.db import Database
from geo_service.embedded import Cluster
from geo_service.migrations import upgrade
from geo_service.settings import Settings
from layers.naming.model import NameKind
from layers.naming.search_key import entries_of, typed_key
from layers.naming.search_queries import search
from layers.naming.spelling import spell
from tests.benchmarks.name_check import names

COLUMNS = (
    "id, place_id, characters, specific, generic, kind, pinyin, pinyin_plain, unit_code, authority_code, keys, source, "
    "valid_from, recorded_by"
)


def fill(url: str, count: int) -> None:
    """Put `count` drawn names and their keys on the register; the indexes of the keys are built after."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as plain:
        definitions = plain.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'name_search' AND indexname LIKE 'ix%'"
        ).fetchall()
        for index, _ in definitions:
            plain.execute(f"DROP INDEX naming.{index}")
        drawn = [
            (f"{place:08x}-0000-7000-8000-000000000000", name)
            for place, name in enumerate(names(count, seed=7))
        ]
        with plain.cursor().copy(f"COPY naming.name ({COLUMNS}) FROM STDIN") as sink:
            for key, name in drawn:
                letters = typed_key(spell(name, NameKind.STREET).plain)
                sink.write_row((key, key, name, name[:2], name[-1], "street", letters, letters, "460100", "460100",
                                [], "generated", date(2020, 1, 1), "bench"))  # fmt: skip
        with plain.cursor().copy("COPY naming.name_search (id, name_id, key, why) FROM STDIN") as sink:
            number = 0
            for key, name in drawn:
                for entry in entries_of(name, NameKind.STREET):
                    number += 1
                    sink.write_row(
                        (f"{number:08x}-0000-7000-8000-000000000000", key, entry.key, int(entry.why))
                    )
        for _, definition in definitions:
            plain.execute(definition)
        plain.execute("VACUUM ANALYZE naming.name, naming.name_search")


def mistyped(letters: str, drawn: random.Random) -> str:
    """One letter another, left out, doubled, or two turned round."""
    at = drawn.randrange(1, len(letters) - 1)
    way = drawn.randrange(4)
    if way == 0:
        return letters[:at] + drawn.choice("abcdefghijklmnopqrstuvwxyz") + letters[at + 1 :]
    if way == 1:
        return letters[:at] + letters[at + 1 :]
    if way == 2:
        return letters[:at] + letters[at] + letters[at:]
    return letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]


def questions(count: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give each way of asking with (typed, the name meant)."""
    drawn = random.Random(3)
    asked = drawn.sample(list(islice(names(20_000, seed=7), 20_000)), count)
    letters = [typed_key(spell(name, NameKind.STREET).plain) for name in asked]
    yield "characters", [(name, name) for name in asked]
    yield "first two characters", [(name[:2], name) for name in asked]
    yield "letters", list(zip(letters, asked, strict=True))
    yield "five letters", [(each[:5], name) for each, name in zip(letters, asked, strict=True)]
    yield "one letter", [(each[:1], name) for each, name in zip(letters, asked, strict=True)]
    yield "a typing error", [(mistyped(each, drawn), name) for each, name in zip(letters, asked, strict=True)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--names", type=int, default=200_000)
    options.add_argument("--asked", type=int, default=100)
    chosen = options.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder), durable=False).start() as running,
    ):
        upgrade(running.owner_url)
        database = Database(running.service_url, Settings(database_url=running.service_url))
        fill(running.superuser_url, chosen.names)
        for way, asked in questions(chosen.asked):
            times, found = [], 0
            with database.transaction() as session:
                for typed, meant in [*asked[:10], *asked]:
                    began = time.perf_counter()
                    listing, values = search(session, typed, simplified=typed)
                    page = listing.page(session, where="true", values=values, limit=20)
                    times.append(time.perf_counter() - began)
                    found += f'"{meant}"' in str(page)
            times = times[10:]
            cuts = statistics.quantiles(times, n=20)
            report = {
                "name": f"search over {chosen.names} names: {way}",
                "found": round(found / (len(asked) + 10), 3),
            }
            report |= {
                "p50_ms": round(1000 * statistics.median(times), 1),
                "p95_ms": round(1000 * cuts[18], 1),
            }
            print(json.dumps(report, ensure_ascii=False), flush=True)
        database.dispose()


if __name__ == "__main__":
    main()
