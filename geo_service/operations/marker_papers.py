"""Registration forms (界桩登记表) on paper: what the register holds of a marker, box by box; leaves open what is not there.

Boxes: fields of the registration form in the systems of civil affairs offices (handbook, section 3.5).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import shapely
from pyproj import Geod
from sqlalchemy.orm import Session

from geo_service.operations import photos, thumbnails
from geo_service.operations.joint_papers import Words, paper_words
from geo_service.paging import today
from geo_service.settings import Settings
from layers.boundaries.model import LineNotFound
from layers.errors import InvalidInput
from layers.markers import dossiers, legend
from layers.markers.description import describe
from layers.markers.joint_line_rows import inspected_line, posts_of_line
from layers.markers.model import AzimuthKind, Marker, ReferenceObject
from web_map.papers import Block, Fields, Heading, PageBreak, Paper, Paragraph, Picture, Signatures, Table
from web_map.papers.sketch import SketchPlace, sketch

START: Final = "paper.registration."
MOST_FORMS: Final = 300
MOST_PHOTOS: Final = 4
AROUND: Final = 1.5
"""The sketch shows the line this many times as far as the farthest reference object."""
POST_INK, OBJECT_INK = "#c62828", "#1f2d33"
ELLIPSOID: Final = Geod(a=6378137.0, rf=298.257222101)  # CGCS2000


class FormsTooMany(InvalidInput):
    """A line has more markers than one paper holds. Facts: `line_code`, `markers`, `most`."""

    code = "marker.forms_too_many"


def registration_form(session: Session, settings: Settings, code: str, language: str) -> Paper:
    """Return the form of one marker; raises `MarkerNotFound`."""
    marker, _ = dossiers.full_marker(session, dossiers.identity_of(session, code))
    words = paper_words(START, language)
    return Paper(
        title=words["title"].format(number=marker.number),
        subtitle=words["subtitle"].format(code=marker.code, line=marker.line_code),
        language=language,
        footer=words["footer"].format(number=marker.number, today=today().isoformat()),
        blocks=_form(session, settings, marker, language),
    )


def registration_forms(session: Session, settings: Settings, line_code: str, language: str) -> Paper:
    """Return the forms of all markers of a line, each on a page of its own; raises `LineNotFound`, `FormsTooMany`."""
    _, _, name = inspected_line(session, line_code, today())
    markers = posts_of_line(session, line_code, today())
    if len(markers) > MOST_FORMS:
        raise FormsTooMany(line_code=line_code, markers=len(markers), most=MOST_FORMS)
    words = paper_words(START, language)
    blocks: list[Block] = [Paragraph(words["forms_of_line"].format(line=name, count=len(markers)))]
    for marker in markers:
        blocks += [PageBreak(), Heading(words["title"].format(number=marker.number))]
        blocks += _form(session, settings, marker, language)
    return Paper(
        title=words["line_title"].format(line=name),
        subtitle=line_code,
        language=language,
        footer=words["footer"].format(number=line_code, today=today().isoformat()),
        blocks=blocks,
    )


def _form(session: Session, settings: Settings, marker: Marker, language: str) -> list[Block]:
    identity, words = dossiers.identity_of(session, marker.code), paper_words(START, language)
    side: legend.Language = "zh" if language.startswith("zh") else "en"
    other = dossiers.other_form(session, identity)
    return [
        Heading(words["identity"], 2),
        Fields(_identity(marker, other, words, side)),
        Heading(words["position"], 2),
        Fields(_position(marker, words)),
        Paragraph(f"{words['description']}: {marker.position_description or describe(marker, side)}"),
        Heading(words["objects"], 2),
        _objects(marker.reference_objects, words),
        *_sketch(session, marker, words),
        *_photos(session, settings, identity, words),
        Heading(words["care"], 2),
        Fields(_care(marker, other, words)),
        *_history(session, identity, marker.number, words, side),
        Heading(words["signatures"], 2),
        Signatures(_signing(marker, other, words)),
    ]


def _identity(
    marker: Marker, other: Mapping[str, Any], words: Words, side: legend.Language
) -> list[tuple[str, str]]:
    return [
        (words["number"], marker.number),
        (words["code"], marker.code),
        (words["line"], marker.line_code),
        (words["sides"], " / ".join(marker.unit_codes)),
        (words["grade"], legend.GRADE[marker.grade].label(side)),
        (words["set_kind"], legend.SET_KIND[marker.set_kind].label(side)),
        (words["set_code"], marker.set_code or "–"),
        (words["faces"], str(marker.faces)),
        (words["material"], marker.material or "–"),
        (words["set_on"], marker.set_on.isoformat() if marker.set_on else "–"),
        (words["inscriptions"], " / ".join(marker.inscriptions) or "–"),
        (words["public"], words["yes"] if marker.public else words["no"]),
        (words["instrument"], marker.legal_instrument or "–"),
        (words["source"], str(other["source"] or "–")),
    ]


def _position(marker: Marker, words: Words) -> list[tuple[str, str]]:
    legal = marker.legal_position
    original = None if legal is None else legal.original
    places = [*marker.locations, "", "", ""][:3]
    return [
        (words["north"], "–" if original is None else f"{original.north:.3f}"),
        (words["east"], "–" if original is None else f"{original.east:.3f}"),
        (words["crs"], "EPSG:4490" if original is None else f"EPSG:{original.epsg}"),
        (words["accuracy"], "–" if legal is None else f"± {legal.accuracy_m:g} m"),
        (words["lon"], "–" if legal is None else _degrees(legal.lon)),
        (words["lat"], "–" if legal is None else _degrees(legal.lat)),
        (words["height"], "–" if legal is None or legal.height_m is None else f"{legal.height_m:.2f} m"),
        (words["method"], (legal.method if legal else "") or "–"),
        *((words["location"].format(n=n), place or "–") for n, place in enumerate(places, 1)),
        (words["feature_relation"], marker.feature_relation or "–"),
    ]


def _degrees(value: float) -> str:
    """Return degrees, minutes and seconds to a hundredth.

    >>> _degrees(110.5)
    '110°30′00.00″'
    """
    hundredths = round(abs(value) * 360_000)
    degrees, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6000)
    return f"{'-' if value < 0 else ''}{degrees}°{minutes:02d}′{seconds / 100:05.2f}″"


def _objects(objects: Sequence[ReferenceObject], words: Words) -> Table:
    rows = [
        [
            str(number),
            item.name,
            f"{item.azimuth_deg:.2f}°",
            words[f"azimuth.{item.azimuth_kind}"],
            f"{item.distance_m:.2f} m",
        ]
        for number, item in enumerate(objects, 1)
    ]
    head = [words[name] for name in ("order", "object", "azimuth", "azimuth_kind", "distance")]
    return Table(head, rows, [1, 5, 2, 2, 2])


def _sketch(session: Session, marker: Marker, words: Words) -> list[Block]:
    """Return the sketch of the marker, its line and its reference objects; nothing where no position is on record."""
    legal = marker.legal_position
    if legal is None:
        return []
    reach_m = AROUND * max([item.distance_m for item in marker.reference_objects], default=100.0)
    places = [SketchPlace(legal.lon, legal.lat, POST_INK, marker.number, radius=12)]
    for item in marker.reference_objects:
        lon, lat = (item.lon, item.lat) if item.lon and item.lat else _seen(legal.lon, legal.lat, item)
        places.append(SketchPlace(lon, lat, OBJECT_INK, item.name))
    try:
        _, course, _ = inspected_line(session, marker.line_code, today())
    except LineNotFound:
        lines: list[Any] = []
    else:
        wide = reach_m / 100_000.0  # degrees, rather more than fewer in China's latitudes
        near = shapely.intersection(course, shapely.Point(legal.lon, legal.lat).buffer(wide))
        lines = [part for part in getattr(near, "geoms", [near]) if part.geom_type == "LineString"]
    azimuths = {item.azimuth_kind for item in marker.reference_objects}
    note = words["sketch_magnetic"] if AzimuthKind.MAGNETIC in azimuths else words["sketch_note"]
    return [Heading(words["sketch"], 2), Picture(sketch(lines, places), width_mm=120, caption=note)]


def _seen(lon: float, lat: float, item: ReferenceObject) -> tuple[float, float]:
    there = ELLIPSOID.fwd(lon, lat, item.azimuth_deg, item.distance_m)
    return float(there[0]), float(there[1])


def _photos(session: Session, settings: Settings, identity: UUID, words: Words) -> list[Block]:
    """Return small pictures of the last inspection that brought photos; one that cannot be shown is left out."""
    shown: list[Block] = []
    for inspection in dossiers.inspections(session, identity, limit=20):
        for photo in inspection["photos"]:
            try:
                small = thumbnails.thumbnail(session, settings, photo["sha256"])
            except (photos.PhotoNotFound, thumbnails.NoThumbnail, OSError):
                continue
            caption = (
                f"{photo['shows'] or ''} {inspection['captured_at']:%Y-%m-%d} {photo['sha256'][:12]}".strip()
            )
            shown.append(Picture(small, width_mm=70, caption=caption))
        if shown:
            break
    return [Heading(words["photos"], 2), *(shown[:MOST_PHOTOS] or [Paragraph("–")])]


def _care(marker: Marker, other: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    rest = [
        (words.get(f"form.{name}", name), _plain(value, words))
        for name, value in sorted((other["form"] or {}).items())
        if name != "signatures"
    ]
    return [
        (words["managing_unit"], marker.managing_unit or "–"),
        (words["guardian"], marker.guardian or "–"),
        (words["under_contract"], words["yes"] if other["under_contract"] else words["no"]),
        (words["post_unit"], marker.post_unit or "–"),
        *rest,
    ]


def _plain(value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return words["yes"] if value else words["no"]
    if isinstance(value, Mapping):
        told = ((words.get(f"part.{name}", name), each) for name, each in value.items() if each is not None)
        return "; ".join(f"{name}: {_plain(each, words)}" for name, each in told)
    return ", ".join(_plain(each, words) for each in value) if isinstance(value, list) else str(value)


def _history(
    session: Session, identity: UUID, number: str, words: Words, side: legend.Language
) -> list[Block]:
    known, other = dossiers.everything(session, identity), dossiers.other_form(session, identity)
    rows = [
        ["–", words["former_number"].format(number=alias["number"]), ""]
        for alias in other["aliases"]
        if alias["number"] != number
    ]
    rows += [
        [
            f"{edit['recorded_at']:%Y-%m-%d}",
            words["edited"].format(fields=", ".join(edit["changes"])),
            edit["recorded_by"],
        ]
        for edit in known["edits"]
    ]
    rows += [
        [f"{event['happened_at']:%Y-%m-%d}", legend.CASE_EVENT[event["event"]].label(side), event["person"]]
        for event in known["case_events"]
    ]
    if not rows:
        return []
    head = [words["day"], words["act"], words["by"]]
    return [Heading(words["history"], 2), Table(head, sorted(rows, key=lambda row: row[0]), [2, 6, 2])]


def _signing(marker: Marker, other: Mapping[str, Any], words: Words) -> list[tuple[str, str, str, str]]:
    """Return each side's technician and demarcation officer: as the form has them, else a place to sign."""
    signed = {each["unit"]: each for each in (other["form"] or {}).get("signatures") or ()}
    return [
        (
            unit,
            words[capacity],
            str(signed.get(unit, {}).get(capacity) or ""),
            str(signed.get(unit, {}).get("date") or ""),
        )
        for unit in marker.unit_codes
        for capacity in ("technician", "officer")
    ]
