"""Pinyin syllables: tones taken off, near sounds folded together; refuses to read characters."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

TONE_MARKS: Final = frozenset("\u0300\u0301\u0304\u030c")
RETROFLEX: Final = {"zh": "z", "ch": "c", "sh": "s"}


@dataclass(frozen=True, slots=True)
class Folds:
    """Which sounds a place's speech runs together (profile data).

    The first three are common in southern Mandarin; f/h and r/l are heard in Hainan.
    """

    retroflex: bool = True
    n_l: bool = True
    final_ng: bool = True
    f_h: bool = False
    r_l: bool = False


STANDARD_FOLDS: Final = Folds()


@lru_cache(maxsize=4096)
def toneless(syllable: str) -> str:
    """Syllable without its tone mark; ü stays: lǜ is lü."""
    letters = unicodedata.normalize("NFD", syllable)
    return unicodedata.normalize("NFC", "".join(mark for mark in letters if mark not in TONE_MARKS))


class _Letters(dict[int, str]):
    """Letters without their tones, each found out when it is first met."""

    def __missing__(self, code: int) -> str:
        found = toneless(chr(code))
        if len(self) < 65_536:
            self[code] = found
        return found


_LETTERS: Final = _Letters()


def without_tones(text: str) -> str:
    """Return words letter by letter without tone marks.

    >>> without_tones("Chángbīn 3 Lù")
    'Changbin 3 Lu'
    """
    return text.translate(_LETTERS)


@lru_cache(maxsize=16384)
def fold(syllable: str, folds: Folds = STANDARD_FOLDS) -> str:
    """Key under which near sounds fall together (DUP-06).

    zh/z, ch/c, sh/s, n/l, and the finals eng/en, ing/in, ang/an; iang, uang, yang and wang keep
    their ending, for their vowels tell them apart (our default).

    >>> fold("zhèng"), fold("nián"), fold("yīng"), fold("yáng")
    ('zen', 'lian', 'yin', 'yang')
    """
    sound = toneless(syllable)
    if folds.retroflex and sound[:2] in RETROFLEX:
        sound = RETROFLEX[sound[:2]] + sound[2:]
    if folds.r_l and sound[:1] == "r" and len(sound) > 1:
        sound = "l" + sound[1:]
    if folds.n_l and sound[:1] == "n" and len(sound) > 1 and sound[1] in "aeiouü":
        sound = "l" + sound[1:]
    if folds.f_h and sound[:1] == "f":
        sound = "h" + sound[1:]
    return _without_velar(sound) if folds.final_ng else sound


def _without_velar(sound: str) -> str:
    if sound.endswith(("eng", "ing")):
        return sound[:-1]
    if sound.endswith("ang") and len(sound) > 3 and sound[-4] not in "iuyw":
        return sound[:-1]
    return "an" if sound == "ang" else sound
