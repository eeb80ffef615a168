"""Characters that are taken for each other on a sign (形近字); refuses to weigh how alike they are."""

from collections.abc import Mapping
from functools import cache

from layers.naming.dictionary import lines_of


@cache
def look_alikes() -> Mapping[str, frozenset[str]]:
    """By character, the characters it may be taken for: 土 and 士, 莱 and 菜."""
    table: dict[str, set[str]] = {}
    for line in lines_of("look_alikes.txt"):
        character, others = line.split()
        for other in others:
            table.setdefault(character, set()).add(other)
            table.setdefault(other, set()).add(character)
    return {character: frozenset(others) for character, others in table.items()}


def look_alike(one: str, other: str) -> bool:
    """Whether two single characters may be taken for each other.

    >>> look_alike("士", "土"), look_alike("海", "湖")
    (True, False)
    """
    return other in look_alikes().get(one, frozenset())


def shape_keys(text: str) -> tuple[str, ...]:
    """Keys shared by texts that differ in one look-alike character: 士林 and 土林 share <土士>林.

    One key for every position and partner, so that equality of keys (an array overlap in an
    index) finds the candidates.
    """
    keys = []
    for at, character in enumerate(text):
        for partner in sorted(look_alikes().get(character, ())):
            pair = "".join(sorted((character, partner)))
            keys.append(f"{text[:at]}<{pair}>{text[at + 1 :]}")
    return tuple(keys)
