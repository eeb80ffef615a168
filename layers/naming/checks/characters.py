"""CHR-01 to CHR-03: which characters a name may hold; refuses to guess a reading for the proposer."""

from collections.abc import Iterator

from layers.findings import Finding
from layers.naming.checks.subject import Subject, Surroundings
from layers.naming.dictionary import character_table
from layers.naming.readings import possible_readings, unconfirmed_polyphones


def outside_table(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """CHR-01: only characters of 《通用规范汉字表》 (art. 9(3)): no 椰海3路, no 龍昆路, no 滨·江路."""
    outside = tuple(character for character in subject.written if character not in character_table())
    if outside:
        yield Finding("CHR-01", (subject.name,), {"characters": outside})


def rare_character(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """CHR-02: avoid rare characters (art. 9(3)); rare is the third level of the table (our default): 淼."""
    table = character_table()
    rare = tuple(
        character for character in subject.written if character in table and table[character].level == 3
    )
    if rare:
        yield Finding("CHR-02", (subject.name,), {"characters": rare})


def polyphone_unconfirmed(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """CHR-03: a polyphone in the specific without a confirmed reading (spelling rule 8): 朝阳路."""
    confirmed = len(subject.parsed.of_body(subject.proposal.reading or ()))
    asked = unconfirmed_polyphones(subject.parsed.specific[confirmed:])
    if asked:
        readings = {character: possible_readings(character) for character in asked}
        yield Finding("CHR-03", (subject.name,), {"characters": asked, "readings": readings})
