"""Precision and recall on the labelled sets, by rule; `pytest -s` prints the figures and every miss."""

import csv
from collections import Counter

import pytest

from layers.naming.checks import OF_THE_NAME_ALONE, check
from layers.naming.checks.subject import subject_of
from layers.naming.comparison import likenesses, prepared
from layers.naming.model import NameKind, NameProposal, WidthBasis
from layers.naming.parser import parse
from layers.naming.profiles import load_profile
from layers.naming.spelling import spell

AIMS = {"DUP-06": 0.95, "DUP-07": 0.95} | {f"DUP-0{number}": 0.99 for number in range(1, 6)}
STRUCTURE_AIM = 0.97


def rows(path):
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def split(codes):
    return set(filter(None, codes.split(";")))


class Score:
    """Counts by rule: hits, misses, false alarms, with the names behind the last two."""

    def __init__(self):
        self.hits, self.misses, self.alarms, self.names = Counter(), Counter(), Counter(), []

    def add(self, what, *, fired, expected, allowed):
        self.hits.update(fired & expected)
        self.misses.update(expected - fired)
        self.alarms.update(fired - expected - allowed)
        self.names += [f"{what}: missed {code}" for code in expected - fired]
        self.names += [f"{what}: false {code}" for code in fired - expected - allowed]

    def shares(self):
        """(precision, recall) by rule."""
        table = {}
        for code in sorted({*self.hits, *self.misses, *self.alarms}):
            hit = self.hits[code]
            table[code] = (hit / ((hit + self.alarms[code]) or 1), hit / ((hit + self.misses[code]) or 1))
        return table

    def show(self):
        for code, (precision, recall) in self.shares().items():
            print(f"{code} precision {precision:.3f} recall {recall:.3f}")
        print(*self.names, sep="\n")


def test_spelling(shared):
    names = rows(shared("gold", "spelling.csv"))
    right = Counter()
    for row in names:
        parsed = parse(row["name"], NameKind(row["kind"]))
        spelled = spell(parsed)
        specific = parsed.specific or parsed.ordinal
        exact = spelled.toned == row["pinyin_toned"]
        right["toned"] += exact
        right["plain"] += spelled.plain == row["pinyin_plain"]
        right["parts"] += (specific, parsed.generic) == (row["specific"], row["generic"])
        right["numerals"] += parsed.numerals == row["numerals"]
        if not exact:
            print(row["name"], spelled.toned, row["pinyin_toned"])
    print({what: f"{count}/{len(names)}" for what, count in right.items()})
    assert all(count >= 0.99 * len(names) for count in right.values())


@pytest.mark.parametrize("with_readings", [True, False])
def test_pairs(shared, with_readings):
    score, hard = Score(), 0
    for row in rows(shared("gold", "pairs.csv")):
        profile = load_profile("haikou_draft" if row["note"] == "hainan profile" else "national")
        given = [row[f"reading_{side}"].split() if with_readings else None for side in "ab"]
        existing, proposed = (
            prepared(row["name_a"], reading=given[0]),
            prepared(row["name_b"], reading=given[1]),
        )
        found = likenesses(existing, proposed, folds=profile.folds, cities=profile.cities)
        fired = {likeness.code for likeness in found}
        what = f"{row['name_a']}/{row['name_b']}"
        score.add(
            what, fired=fired, expected=split(row["expected_rules"]), allowed=split(row["allowed_rules"])
        )
        hard += bool(fired) and row["relation"] == "different"
    score.show()
    assert hard == 0
    assert all(min(share) >= AIMS[code] for code, share in score.shares().items())


def test_hainan_folds_raise_no_false_alarm(shared):
    profile = load_profile("haikou_draft")
    different = [
        row for row in rows(shared("gold", "pairs.csv")) if row["relation"] in {"different", "series_sibling"}
    ]
    alarms = [
        row
        for row in different
        if likenesses(
            prepared(row["name_a"]), prepared(row["name_b"]), folds=profile.folds, cities=profile.cities
        )
    ]
    assert len(different) > 200
    assert alarms == []


def test_structure(shared):
    score = Score()
    for row in rows(shared("gold", "structure.csv")):
        figures = {key: float(row[key]) if row[key] else None for key in ("width_m", "length_m", "bearing")}
        proposal = NameProposal(
            row["name"],
            width_basis=WidthBasis(row["width_basis"]) if row["width_basis"] else None,
            reading=tuple(row["reading"].split()) or None,
            reasons={"generic": row["generic_reason"]},
            **figures,
        )
        subject = subject_of(proposal, load_profile(row["profile"]))
        fired = {finding.code for finding in check(subject, rules=OF_THE_NAME_ALONE)}
        score.add(
            row["name"],
            fired=fired,
            expected=split(row["expected_rules"]),
            allowed=split(row["allowed_rules"]),
        )
    score.show()
    assert all(min(share) >= STRUCTURE_AIM for share in score.shares().values())
