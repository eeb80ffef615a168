"""Spells the names of units for the register: the naming layer's rules, for the boundary layer's rows."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from layers.boundaries.model import Level
from layers.naming.model import NameKind
from layers.naming.readings import read
from layers.naming.spelling import spell
from layers.naming.syllables import toneless

KINDS: Final[Mapping[Level, NameKind]] = {Level.VILLAGE: NameKind.VILLAGE}
COMMITTEES: Final[Mapping[str, str]] = {
    "社区居民委员会": "Shèqū Jūmín Wěiyuánhuì",
    "村民委员会": "Cūnmín Wěiyuánhuì",
    "居民委员会": "Jūmín Wěiyuánhuì",
    "社区居委会": "Shèqū Jūwěihuì",
    "村委会": "Cūnwěihuì",
    "居委会": "Jūwěihuì",
    "社区": "Shèqū",
}


@cache
def spelled_unit(name: str, level: Level) -> tuple[str, str]:
    """Return the spelling of a unit's name by the rules of 1984, and the initials of its syllables.

    A village's committee is no part of its name, so it stands apart: 新村村委会 is Xīncūn Cūnwěihuì.

    >>> spelled_unit("琼山区", Level.COUNTY)
    ('Qióngshān Qū', 'qsq')
    """
    committee = next((end for end in COMMITTEES if name.endswith(end) and len(name) > len(end)), "")
    place = name.removesuffix(committee)
    words = [spell(place, KINDS.get(level, NameKind.DIVISION)).toned]
    if committee:
        words.append(COMMITTEES[committee])
    initials = "".join(toneless(character.reading)[:1] or character.character for character in read(name))
    return " ".join(words), initials.lower()
