"""The 36 rules, one function each, by code; refuses to weigh what they find (a profile does)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from layers.findings import Finding
from layers.naming.checks import (
    characters,
    duplicates,
    generics,
    ground,
    heritage,
    papers,
    structure,
    words,
)
from layers.naming.checks.subject import NOTHING_AROUND, Subject, Surroundings

Check = Callable[[Subject, Surroundings], Iterator[Finding]]

RULES: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "DUP-01": duplicates.same_characters,
        "DUP-02": duplicates.toned_homophone,
        "DUP-03": duplicates.toneless_homophone,
        "DUP-04": duplicates.same_specific,
        "DUP-05": duplicates.affix_only,
        "DUP-06": duplicates.near_sound,
        "DUP-07": duplicates.look_alike_characters,
        "DUP-08": duplicates.same_characters_other_reading,
        "DUP-09": duplicates.wider_scope_of_class,
        "DUP-10": duplicates.same_specific_nearby,
        "GEO-01": ground.overlapping_road,
        "GEO-02": ground.continuous_road,
        "STR-01": structure.generic_from_list,
        "STR-02": structure.bare_or_stacked,
        "STR-03": structure.pure_ordinal,
        "STR-04": structure.series,
        "STR-05": structure.length_of_name,
        "STR-06": structure.parent_of_derived,
        "CHR-01": characters.outside_table,
        "CHR-02": characters.rare_character,
        "CHR-03": characters.polyphone_unconfirmed,
        "GEN-01": generics.generic_fits_size,
        "GEN-02": generics.generic_fits_direction,
        "GEN-03": generics.generic_needs_reason,
        "PER-01": words.state_leader,
        "PER-02": words.person,
        "FOR-01": words.foreign,
        "COM-01": words.company,
        "LEX-01": words.refused_word,
        "ADM-01": words.division_from_outside,
        "HIS-01": heritage.protected_name,
        "HIS-02": heritage.rename_without_reason,
        "HIS-03": heritage.unused_historic_name,
        "PLN-01": papers.not_in_plan,
        "PIN-01": papers.other_spelling,
        "DOC-01": papers.missing_papers,
    }
)
OF_THE_NAME_ALONE: Final = (
    "STR-01", "STR-02", "STR-03", "STR-04", "STR-05", "CHR-01", "CHR-02", "CHR-03", "GEN-01", "GEN-02", "GEN-03",
    "PER-01", "PER-02", "FOR-01", "COM-01", "LEX-01", "PIN-01",
)  # fmt: skip


def check(
    subject: Subject, around: Surroundings = NOTHING_AROUND, *, rules: Iterable[str] = tuple(RULES)
) -> Iterator[Finding]:
    """Give findings of `rules` on a proposal, rule by rule; rules that are off in the profile are skipped."""
    for code in rules:
        if subject.profile.severity_of(code):
            yield from RULES[code](subject, around)
