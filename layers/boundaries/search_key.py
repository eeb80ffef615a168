"""The text in which a unit is searched: name, pinyin with and without spaces, initials."""

import unicodedata


def toneless(pinyin: str) -> str:
    """Return pinyin without tone marks and apostrophes, lower case; ü is written v as on a keyboard.

    >>> toneless("Lǚshùn Xī’ān")
    'lvshun xian'
    """
    kept = pinyin.lower().replace("’", "").replace("'", "")
    for toned in "üǖǘǚǜ":
        kept = kept.replace(toned, "v")
    parts = unicodedata.normalize("NFD", kept)
    return "".join(part for part in parts if not unicodedata.combining(part))


def search_key(name: str, pinyin: str | None = None, initials: str | None = None) -> str:
    """Return what a search box is matched against.

    >>> search_key("琼山区", "Qióngshān Qū", "qsq")
    '琼山区 qiongshan qu qiongshanqu qsq'
    """
    plain = toneless(pinyin) if pinyin else ""
    return " ".join(part for part in (name.lower(), plain, plain.replace(" ", ""), initials or "") if part)
