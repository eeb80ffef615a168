"""What each format can hold and what each exported column means, said once; `docs/formats.md` is made of it."""

from dataclasses import dataclass
from typing import Final

from geo_service.exchange.sources import Format


@dataclass(frozen=True, slots=True)
class FormatFacts:
    """What a format can say: which CRS stands in the file, and what is lost."""

    title: str
    endings: str
    crs: str
    keeps: str
    ways: str = "in, out"


_INSTANTS: Final = "instants to the millisecond"
_OF_JSON: Final = f"1e-9 of a degree (1e-7 where six noughts stand before it); lists as JSON text; {_INSTANTS}; a column of text that is dates throughout is read as dates"
FORMATS: Final[dict[Format, FormatFacts]] = {
    "gpkg": FormatFacts("GeoPackage", ".gpkg", "EPSG:4490", f"everything; lists as JSON text; {_INSTANTS}"),
    "geojson": FormatFacts(
        "GeoJSON", ".geojson .json", "a `crs` member says EPSG:4490", _OF_JSON
    ),
    "geojsonseq": FormatFacts(
        "GeoJSONSeq", ".geojsonl .geojsons .ndjson .jsonl",
        "has no place for one; coordinates are EPSG:4490, said in no column: state `--crs` on the way in",
        _OF_JSON,
    ),
    "flatgeobuf": FormatFacts(
        "FlatGeobuf", ".fgb", "EPSG:4490",
        f"everything flat; lists as JSON text; {_INSTANTS}, in UTC; dates as midnights; indexed where every row has a place",
    ),
    "parquet": FormatFacts(
        "GeoParquet 1.1", ".parquet .geoparquet", "EPSG:4490 as PROJJSON", "everything, nested values too"
    ),
    "shapefile": FormatFacts(
        "Shapefile (GB18030)", ".zip, or .shp with its parts beside it (in)", ".prj: CGCS2000",
        "names of 10 bytes, text of 254 bytes: what was shortened is counted and told in README.txt; no empty text, no blanks at its ends; 15 digits; one kind of geometry",
    ),
    "kml": FormatFacts(
        "KML", ".kml", "WGS 84 by its standard; the document says that it is EPSG:4490 taken as such",
        "everything; dates as text, lists as JSON text; characters that XML has none for are refused",
    ),
    "csv": FormatFacts("CSV", ".csv .tsv", "none: state `--crs`", "`wkt` column; all is text; no empty text"),
    "xlsx": FormatFacts(
        "Workbook", ".xlsx", "none: state `--crs`",
        "`lon`, `lat` of points, `wkt` of others; 16 digits; dates as text; no empty text; 1,048,575 rows, 32,767 characters a cell",
    ),
    "osm": FormatFacts("OpenStreetMap", ".pbf .osm", "WGS 84", "roads and their names", ways="in"),
}  # fmt: skip

_VALID: Final = {
    "valid_from": ("生效日期", "first day it holds"),
    "valid_to": ("失效日期", "first day it no longer holds; empty: in force"),
}
_KEY: Final = {"id": ("标识", "key that stays")}
_SOURCE: Final = {"source": ("来源", "where the data come from")}
COLUMNS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "boundaries": {
        "code": ("区划代码", "division code"),
        "name": ("名称", "name"),
        "pinyin": ("拼音", "spelling"),
        "level": ("级别", "province, prefecture, county, township, village"),
        "parent_code": ("上级代码", "code of the unit above it"),
        **_VALID,
        "area_m2": ("面积（平方米）", "area on the ellipsoid, square metres"),
        "authoritative": ("是否法定", "whether the outline is the legal one"),
        **_SOURCE,
    },
    "lines": {
        "line_code": ("界线代码", "both 6-digit codes, ascending"),
        "level": ("级别", "level of the line"),
        "name": ("名称", "name of the line"),
        "unit_codes": ("毗邻单位", "codes of both sides, `;` between"),
        "length_m": ("长度（米）", "length on the ellipsoid, metres"),
        "derived": ("是否推导", "whether the line was derived from outlines"),
        "managing": ("管理分工", "who manages which part"),
        "legal_instrument": ("法定文件", "legal instrument"),
        "stated_name": ("文件所载名称", "name by its documents, where it is another"),
        "stated_length_m": ("文件所载长度（米）", "length by its documents, where it is another"),
        "disputed": ("是否争议", "whether it is disputed"),
        "last_joint_inspection_on": ("最近联检日期", "day of the last joint inspection"),
        **_VALID,
    },
    "tripoints": {
        "tripoint_code": ("三交点代码", "codes of the units that meet, ascending"),
        "unit_codes": ("毗邻单位", "codes of the units that meet, `;` between"),
        **_VALID,
    },
    "markers": {
        "code": ("界桩代码", "marker code"),
        "number": ("界桩号", "number as engraved"),
        "name": ("名称", "name, where it has one"),
        "line_code": ("界线代码", "line it stands on"),
        "unit_codes": ("毗邻单位", "codes of its sides, `;` between"),
        "managing_unit": ("管理单位", "unit that manages it"),
        "grade": ("等级", "province, city, county, township, village"),
        "set_kind": ("设立形式", "single, double, triple"),
        "faces": ("面数", "number of faces"),
        "material": ("材质", "material"),
        "colour": ("颜色", "colour on the map"),
        "shape": ("形状", "shape of its sign on the map"),
        "rule": ("规则", "rule of the profile that gave the colour"),
        "condition": ("状况", "condition by the last inspection"),
        "case_stage": ("处置阶段", "stage of an open case"),
        "currency": ("时效", "whether the last inspection is recent enough"),
        "last_inspected_on": ("最近巡查日期", "day of the last inspection"),
        "next_due_on": ("下次到期", "day the next inspection is due"),
        "synthetic": ("是否示例", "made for the demonstration"),
        "colour_label": ("颜色说明", "the colour in words"),
        "lon": ("经度", "longitude of the legal position, EPSG:4490"),
        "lat": ("纬度", "latitude of the legal position, EPSG:4490"),
        "accuracy_m": ("精度（米）", "accuracy of the legal position, metres"),
        "height_m": ("高程（米）", "height, metres"),
        "original_north": ("原始北坐标", "north of the original coordinates, metres"),
        "original_east": ("原始东坐标", "east of the original coordinates, metres"),
        "original_epsg": ("原始坐标系", "EPSG code of the original coordinates"),
        "position_description": ("位置描述", "position in words"),
        "set_code": ("组号", "what the posts of one set share"),
        "post_unit": ("桩位所在单位", "unit on whose ground a post of a set stands"),
        "feature_relation": ("与地物关系", "how it stands to a feature of the ground"),
        "inscriptions": ("桩面注记", "inscriptions of the faces, `;` between"),
        "set_on": ("埋设日期", "day it was set"),
        "legal_instrument": ("法律文书", "paper that fixes its position"),
        "public": ("是否公开", "whether its position is for everybody, `true` or `false`"),
        "survey_method": ("测量方法", "how its position was measured"),
        **{f"place_{number}": (f"所在地{number}", f"place {number} in words") for number in range(1, 4)},
        **{
            f"object_{number}_{part}": (zh.format(number), f"reference object {number}: {en}")
            for number in range(1, 7)
            for part, zh, en in (
                ("name", "方位物{}", "name"),
                ("azimuth_deg", "方位角{}", "azimuth, degrees"),
                ("azimuth_kind", "方位角类型{}", "azimuth from `grid`, `true` or `magnetic` north"),
                ("distance_m", "距离{}", "distance, metres"),
                ("lon", "方位物经度{}", "longitude, EPSG:4490"),
                ("lat", "方位物纬度{}", "latitude, EPSG:4490"),
            )
        },
        "guardian": ("管护员", "guardian who looks after it"),
        "under_contract": ("是否托管", "whether the guardian has a contract"),
        "spatial_id": ("空间标识", "identifier of the spatial data"),
        "sketch": ("示意图", "SHA-256 of the sketch"),
        "custody_unit": ("委托管护单位", "custody: unit"),
        "custody_person": ("委托管护人", "custody: person"),
        "custody_contract": ("管护合同", "custody: contract"),
        "custody_since": ("管护开始日期", "custody: first day"),
        "custody_until": ("管护截止日期", "custody: last day"),
        "iot_number": ("设备编号", "device: number"),
        "iot_name": ("设备名称", "device: name"),
        "iot_online": ("设备在线", "device: online, `true` or `false`"),
        "iot_last_message_at": ("最近上报时间", "device: last message, with time zone"),
        "iot_tilted": ("是否倾斜", "device: tilted, `true` or `false`"),
        "iot_low_battery": ("电量低", "device: battery low, `true` or `false`"),
        "iot_drift_m": ("设备位移（米）", "device: drift, metres"),
        "iot_position": ("设备位置", "device: where it sits"),
        **{
            f"signed_{side}_{part}": (f"{zh}{side}", f"signature {side}: {en}")
            for side in range(1, 5)
            for part, zh, en in (
                ("unit", "签字方", "code of the side"),
                ("technician", "技术员", "technician"),
                ("officer", "勘界负责人", "officer"),
                ("date", "签字日期", "day"),
            )
        },
    },
    "names": {
        "id": ("标识", "key of the name"),
        "name": ("标准地名", "characters"),
        "pinyin": ("罗马字母拼写", "spelling with tones"),
        "kind": ("类别", "kind of place"),
        "status": ("状态", "status on the register"),
        "reading": ("读音", "readings, a blank between"),
        "unit_code": ("所在区划", "code of the unit it lies in"),
        "road_class": ("道路等级", "class of a road"),
        "aliases": ("别名", "other names, `;` between"),
        "origin": ("来历", "origin"),
        "meaning": ("含义", "meaning"),
        "heritage": ("保护类别", "kind of heritage"),
        **_SOURCE,
        "synthetic": ("是否示例", "made for the demonstration"),
        **_VALID,
    },
    "signs": {
        "id": ("标识", "key of the sign"),
        "name_id": ("地名标识", "key of the name it shows"),
        "name": ("标准地名", "characters of that name"),
        "number": ("序号", "number along the road"),
        "text": ("牌面汉字", "characters on the sign"),
        "pinyin": ("牌面罗马字母", "spelling on the sign"),
        "colour": ("底色", "ground colour by the direction of the road"),
        "reason": ("设置位置", "why it stands there"),
        "crossing": ("相交道路", "road that is met there"),
        "bearing": ("方位角（度）", "bearing, degrees clockwise from north"),
        "state": ("状况", "planned; else as it was last found: standing, damaged, missing"),
        "inspected_on": ("最近检查日期", "day of the last inspection"),
        "unit_code": ("所在区划", "code of the unit it lies in"),
    },
    "hubs": {
        "code": ("编号", "hub code"),
        "name": ("名称", "name"),
        "status": ("状态", "existing, planned, candidate, excluded"),
        "capacity": ("服务人数", "people it can serve"),
        "floor_area_m2": ("建筑面积（平方米）", "floor area, square metres"),
        "services": ("服务内容", "services, `;` between"),
        "opened_on": ("启用日期", "first day open"),
        "address": ("地址", "address"),
        "unit_code": ("所在区划", "code of the unit it lies in"),
        **_SOURCE,
    },
    "demand": {"id": ("编号", "id of the point"), "…": ("人口", "one column a population group: its weight")},
    "roads": {
        "edge": ("路段", "number of the piece of street between two crossings"),
        "line": ("线", "which line of the source it came from"),
        "component": ("连通分量", "part of the network that hangs together; 0 is the largest"),
        "length_m": ("长度（米）", "length, metres"),
        "forward_m": ("正向代价（米）", "cost of walking it forward; empty: not allowed"),
        "backward_m": ("反向代价（米）", "cost of walking it backward; empty: not allowed"),
    },
}  # fmt: skip

PUBLISHED: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "units": _KEY | COLUMNS["boundaries"],
    "lines": _KEY | COLUMNS["lines"] | {"next_due_on": ("下次联检日期", "day the next joint inspection is due")},
    "tripoints": _KEY | COLUMNS["tripoints"],
    "markers": _KEY | COLUMNS["markers"] | _VALID | {
        "colour_since": ("颜色起始日期", "since when it has this colour"),
        "position_check": ("位置核查", "what the last measured position says"),
        "position_told": ("位置公开程度", "exact, rounded or hidden"),
    },
    "names": COLUMNS["names"] | {
        "place_id": ("地点标识", "key of the place, whatever it is called"),
        "specific": ("专名", "what tells it from others of its kind"),
        "generic": ("通名", "what kind of place it is called"),
        "pinyin_plain": ("拼音（无调）", "spelling without tones"),
        "authority_code": ("批准机关所在区划", "code of the unit whose authority approved it"),
    },
    "signs": COLUMNS["signs"],
    "hubs": _KEY | COLUMNS["hubs"],
    "coverage": _KEY | {
        "hub_code": ("服务中心编号", "code of the hub"),
        "hub_name": ("服务中心名称", "name of the hub"),
        "metric": ("距离类型", "how distance is taken"),
        "limit_m": ("距离（米）", "distance, metres"),
    },
}  # fmt: skip
"""The same for what `/ogc` publishes: the columns of the files, and what only it tells."""
