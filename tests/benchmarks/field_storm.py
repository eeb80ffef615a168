"""The long storm: `python -m tests.benchmarks.field_storm [--records 20000] [--photos 20000] [--seed 1]`; one JSON line."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.field_storm import Size, hold, storm


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--records", type=int, default=20_000)
    asked.add_argument("--photos", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    size = Size(
        devices=200,
        records=given.records,
        photos=given.photos,
        markers=500,
        kills=6,
        database_kills=3,
        within_s=3600,
    )
    with tempfile.TemporaryDirectory(prefix="geo-", ignore_cleanup_errors=True) as home:
        verdict = storm(Path(home), size, given.seed)
        json.dump({"name": "field_storm"} | verdict, sys.stdout, ensure_ascii=False)
        print(flush=True)  # clearing away 20,000 photos takes minutes
    hold(verdict)


if __name__ == "__main__":
    main()
