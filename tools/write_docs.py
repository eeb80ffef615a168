"""Writes the parts of the manual that the code knows: settings in the README; errors, formats and markers in docs/.

`python tools/write_docs.py` writes; `--check` exits 1 where a page says something else.
"""

import re
import sys
from pathlib import Path
from typing import Any

from marker_manual import marker_manual
from pydantic_core import PydanticUndefined

from geo_service.exchange.dictionary import COLUMNS, FORMATS
from geo_service.messages import catalogue
from geo_service.problems import STATUS
from geo_service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ERRORS_HEAD = """# Errors

Every error is an RFC 9457 problem, `application/problem+json`: `type, title, status, detail, code`, the facts of the case
and `errors[]` for single fields. `code` is stable; programs should look at it alone. `title` and `detail` come in the
language that `Accept-Language` asks for.

| code | status | 中文 | English |
|---|---|---|---|
"""


def settings_table() -> str:
    rows = ["| variable | default | what it does |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default: Any = field.default
        if field.default_factory is not None:
            default = "`~/.local/share/geo-service`" if name == "data_dir" else "`[]`"
        elif default is None or default is PydanticUndefined:
            default = "–"
        else:
            default = f"`{str(default).lower() if isinstance(default, bool) else default}`"
        rows.append(f"| `GEO_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)


def errors_page() -> str:
    chinese, english = catalogue("zh-CN"), catalogue("en")
    rows = [
        f'| <a id="{code}"></a>`{code}` | {status} | {chinese[f"problem.{code}"]} | {english[f"problem.{code}"]} |'
        for code, status in sorted(STATUS.items())
    ]
    return ERRORS_HEAD + "\n".join(rows) + "\n"


FORMATS_HEAD = """# Formats and columns

Files go in by `geo-service import SUBJECT PATH` and out by `geo-service export SUBJECT PATH`; the ending says the format, or
`--format`. What a file really is, is found out by its content before anything opens it. Coordinates that leave are longitude and
latitude of EPSG:4490 (CGCS2000), which is WGS 84 within centimetres. A file appears whole or not at all. What a format would
drop or change beyond what stands here is refused (`export.not_exportable`, with the reason): text with a zero byte, numbers or
places that are not finite, whole numbers that are too large, heights in a FlatGeobuf, measures.

| format | endings | ways | CRS in the file | what it keeps |
|---|---|---|---|---|
"""

FORMATS_MEMORY = """## What a large file costs in memory

Files come in and go out some thousand rows at a time; all of a file is taken or nothing. Names, also the roads of an OpenStreetMap
extract, and demand wait in the database until the whole file is read and judged, and are taken from there: held here are
4,000 names, or the rows of one name where these are more, and 10,000 points of demand. Rejects beyond 10,000 wait on the disk.
Peak of the importing process, resident, of points in a GeoPackage; 300 MB of it are the program:

| rows | `import names` | before it streamed | `import demand` | before it streamed |
|---|---|---|---|---|
| 20,000 | 338 MB | | 359 MB | 343 MB |
| 200,000 | 346 MB | 591 MB | | 415 MB |
| 2,000,000 | 345 MB | | 369 MB | 1,231 MB |

Demand is measured as the whole command, two million points written in 107 s beside other work.
Two million names went through whole as a dry run (314 MB); the figure above is with writing, measured until 600,000 were written.
200,000 took 220 s before readings were worked out beside the writing; what a name costs now is in [benchmarks.md](benchmarks.md).
A road network is cut where lines share a vertex, which only the whole of it tells, so its lines are held while they are taken
in: as arrays of 16 bytes a vertex and 12 a line, beside some 60 bytes a vertex while vertices are numbered, never as objects.
What is kept of it then takes about 100 bytes a street and 16 a vertex (the width of its arrays, not measured); it is looked through and written out some thousand streets at a time.
Peak of a process that writes or reads points of three columns, resident, 150 MB of it the program (1 December 2026, each alone
in its process). What grows is the spatial index that GDAL builds, 113 bytes a row in a FlatGeobuf (with the rows that wait on
the disk for it) and 38 in a GeoPackage, and in a GeoParquet the row groups of other lengths that are unpacked ahead:

| format | written, 20,000 rows | written, 2,000,000 | read, 20,000 rows | read, 2,000,000 |
|---|---|---|---|---|
| GeoPackage | 183 MB | 259 MB | 170 MB | 184 MB |
| GeoJSON | 176 MB | 179 MB | 167 MB | 274 MB (7.4 GB before) |
| GeoJSONSeq | 180 MB | 182 MB | 165 MB | 165 MB |
| FlatGeobuf | 182 MB | 402–481 MB | 164 MB | 164 MB |
| GeoParquet | 196 MB | 198 MB | 188 MB | 247 MB |
| Shapefile in a ZIP | 178 MB | 210 MB | 166 MB | 192 MB |
| KML | 174 MB | 174 MB | 189 MB | 191 MB |
| CSV | 180 MB | 181 MB | 181 MB | 184 MB |
| Workbook (1,000,000 rows) | 191 MB | 192 MB | 194 MB | 263 MB |

GDAL reads a GeoJSON feature by feature only where the list `features` begins among its first 6,000 bytes and the word stands nowhere before it (a collection
called "features" has it in its name); any other it holds whole, at twenty times its size. Such a file of more than 32 MiB, and a longer record of
a text sequence, is refused (`import.piece_too_large`).

A command has as long for a file as it takes: neither its statements nor its transaction end before it does.
A test imports ten times the names, and ten times the demand, and allows the peak a quarter more
(`tests/geo_service/exchange/test_memory.py`)."""


def formats_page() -> str:
    rows = [
        f"| {facts.title} | {facts.endings} | {facts.ways} | {facts.crs} | {facts.keeps} |"
        for facts in FORMATS.values()
    ]
    parts = [FORMATS_HEAD + "\n".join(rows)]
    for subject, columns in COLUMNS.items():
        told = [f"| `{name}` | {zh} | {en} |" for name, (zh, en) in columns.items()]
        parts.append("\n".join([f"## {subject}", "", "| column | 中文 | English |", "|---|---|---|", *told]))
    return "\n\n".join([*parts, FORMATS_MEMORY]) + "\n"


def pages() -> dict[Path, str]:
    readme = ROOT / "README.md"
    block = re.compile(r"(<!-- settings -->\n).*?(<!-- /settings -->)", re.DOTALL)
    told = block.sub(
        lambda found: f"{found[1]}{settings_table()}\n{found[2]}", readme.read_text(encoding="utf-8")
    )
    return {
        readme: told,
        ROOT / "docs" / "errors.md": errors_page(),
        ROOT / "docs" / "formats.md": formats_page(),
        ROOT / "docs" / "markers.md": marker_manual(),
    }


def main() -> int:
    stale = [
        path
        for path, told in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != told
    ]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)}: run python tools/write_docs.py", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
