"""The ministry's exchange layouts for markers (MZ/T 149-2020) and lines (MZ/T 150-2020), as far as their public parts go.

Public are: attribute data, spatial data and multimedia files in folders of their own; GB 18030; dates by GB/T 7408;
division codes by GB/T 2260; the field codes that civil-affairs systems print. What is not public is assumed, and
`docs/exchange.md` says where: the names of folders and files, the table format, and the codes marked with `*` there.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

ATTRIBUTES: Final = "SXSJ"
SPATIAL: Final = "KJSJ"
MULTIMEDIA: Final = "DMTSJ"
MARKERS: Final = "JZ"
LINES: Final = "JX"
LIST: Final = "ML.csv"
"""目录: every other file of the package with its bytes and SHA-256."""
ENCODING: Final = "gb18030"
LIST_HEAD: Final = ("WJ", "ZJS", "SHA256")

MARKER_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "code": "JZDM",
        "number": "JZBH",
        "spatial_id": "KJSJBSM",
        "name": "MC",
        "line_code": "JXDM",
        "grade": "JZDJ",
        "set_kind": "JZLX",
        "set_code": "ZH",
        "faces": "MS",
        "material": "JZCZ",
        "public": "SFGK",
        "original_north": "ZZB",
        "original_east": "HZB",
        "original_epsg": "ZBXDM",
        "lon": "JD",
        "lat": "WD",
        "height_m": "GC",
        "accuracy_m": "DWJD",
        "survey_method": "CLFF",
        "place_1": "SZD1",
        "place_2": "SZD2",
        "place_3": "SZD3",
        "unit_codes": "XZQ",
        "post_unit": "ZWDW",
        "managing_unit": "FGGLF",
        "feature_relation": "YDWGX",
        "position_description": "WZMS",
        **{
            f"object_{number}_{part}": f"{code}{number}"
            for number in range(1, 7)
            for part, code in (
                ("name", "YHFWWWZ"),
                ("azimuth_deg", "YHFWWFWJ"),
                ("azimuth_kind", "YHFWWFWJLB"),
                ("distance_m", "YHFWWJL"),
                ("lon", "YHFWWJD"),
                ("lat", "YHFWWWD"),
            )
        },
        "inscriptions": "ZMZJ",
        "set_on": "MSRQ",
        "legal_instrument": "FLWS",
        **{
            f"signed_{side}_{part}": f"{code}{side}"
            for side in range(1, 5)
            for part, code in (("unit", "QZF"), ("technician", "JSY"), ("officer", "KJFZR"), ("date", "DJRQ"))
        },
        "under_contract": "SFTG",
        "guardian": "GHY",
        "custody_unit": "TGDW",
        "custody_person": "TGR",
        "custody_contract": "TGHT",
        "custody_since": "TGQSRQ",
        "custody_until": "TGJZRQ",
        "iot_number": "SBBH",
        "iot_name": "SBMC",
        "iot_online": "SFZX",
        "iot_last_message_at": "ZHXXSJ",
        "iot_tilted": "SFQX",
        "iot_low_battery": "SFDDL",
        "iot_drift_m": "PYJL",
        "iot_position": "SBWZ",
        "sketch": "WZLT",
        "condition": "JZZK",
        "synthetic": "SFSL",
    }
)
"""Column of the register → field code."""
LINE_CODES: Final = (
    "JXDM", "JXDJ", "JXMC", "JXCD", "JXQD", "JXZD", "XZQ", "JZKS", "DLKS", "SLKS", "TLKS", "FGGL", "FLWS", "SFZY", "ZJLJRQ",
)  # fmt: skip
"""Fields of a line: code, level, name, length in kilometres, first and last point, sides, markers, of them single, double
and triple, how the managing is split, legal instrument, whether disputed, day of the last joint inspection."""
GRADES: Final = MappingProxyType(
    {"province": "省级", "city": "市级", "county": "县级", "township": "乡级", "village": "村级"}
)
LEVELS: Final = MappingProxyType({"prefecture": "市级", **GRADES})
SETS: Final = MappingProxyType({"single": "单立", "double": "双立", "triple": "三立"})
AZIMUTHS: Final = MappingProxyType({"grid": "坐标方位角", "true": "真方位角", "magnetic": "磁方位角"})
TRUTHS: Final = MappingProxyType({"true": "是", "false": "否", True: "是", False: "否"})
WORDS: Final[Mapping[str, Mapping[Any, str]]] = MappingProxyType(
    {
        "grade": GRADES,
        "set_kind": SETS,
        **{f"object_{number}_azimuth_kind": AZIMUTHS for number in range(1, 7)},
        **dict.fromkeys(
            ("public", "under_contract", "iot_online", "iot_tilted", "iot_low_battery", "synthetic"), TRUTHS
        ),
    }
)
"""What a column's values are called in a package."""
MEDIA: Final[Mapping[str, str]] = MappingProxyType(
    {
        "photo": "ZP",
        "registration_form": "DJB",
        "result_table": "CGB",
        "agreement": "XYS",
        "agreement_map": "XYT",
        "minutes": "JY",
        "other": "QT",
    }
)
"""Type of a document → its mark in the name of a multimedia file; any other type goes as `QT`."""


def media_of(name: str) -> tuple[str, str] | None:
    """Return what a multimedia file of a package is about and which document it is; None for any other file.

    >>> media_of("DMTSJ/01079021005Q/01079021005Q_ZP_02.jpg")
    ('01079021005Q', 'photo')
    >>> media_of("KJSJ/JZ.shp")
    """
    folder, _, rest = name.partition("/")
    subject, _, file = rest.partition("/")
    if folder != MULTIMEDIA or not subject or not file or "/" in file:
        return None
    mark = file.removeprefix(f"{subject}_").split("_")[0].split(".")[0]
    return subject, next((kind for kind, known in MEDIA.items() if known == mark), "other")


def media_name(subject: str, document_type: str, number: int, suffix: str) -> str:
    """Return where a multimedia file stands in a package.

    >>> media_name("01079021005Q", "photo", 2, ".jpg")
    'DMTSJ/01079021005Q/01079021005Q_ZP_02.jpg'
    """
    mark = MEDIA.get(document_type, MEDIA["other"])
    return f"{MULTIMEDIA}/{subject}/{subject}_{mark}_{number:02}{suffix}"
