"""The topology check against labelled coverages: those beside the project, and faults put in here."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Geod

from layers.boundaries.topology import check_coverage
from layers.findings import Finding
from tests.townships import inject, townships

ON_GROUND = Geod(ellps="GRS80")
NEAR_M = 1_000
ACCEPTED = {
    "gap": {"gap", "unshared_vertex"},
    "overlap": {"overlap", "unshared_vertex"},
    "unshared_vertex": {"unshared_vertex"},  # or a gap or overlap below 1 mm, which is never reported
    "sliver": {"sliver"},
    "self_intersection": {"self_intersection", "overlap", "gap"},
    "duplicate_polygon": {"duplicate_polygon", "overlap", "duplicate_code"},
    "stray_part": {"stray_part", "overlap"},
    "wrong_parent_code": {"wrong_parent_code"},
}
BOTH_SIDES = {"gap", "overlap", "unshared_vertex"}


def read(path: Path, layer: str):
    meta, _, shapes, columns = pyogrio.raw.read(path, layer=layer)
    return shapely.from_wkb(shapes), dict(zip(meta["fields"], columns, strict=True))


def check_file(path: Path, *, with_parents: bool, with_counties: bool) -> list[Finding]:
    shapes, columns = read(path, "townships")
    more = {"parent_codes": columns["parent_code"].tolist()} if with_parents else {}
    if with_counties:
        grounds, names = read(path, "counties")
        more["parent_grounds"] = dict(zip(names["code"], grounds, strict=True))
    return check_coverage(columns["code"].tolist(), shapes, **more)


def matches(found: Finding, defect: dict[str, str]) -> bool:
    kind, units = defect["kind"], set(defect["units"].split(";"))
    named = set(found.subject) & units
    place = (found.evidence["lon"], found.evidence["lat"])
    away_m = ON_GROUND.inv(*place, float(defect["lon"]), float(defect["lat"]))[2]
    return (
        found.code.removeprefix("boundary.") in ACCEPTED[kind]
        and len(named) >= (2 if kind in BOTH_SIDES else 1)
        and away_m <= NEAR_M
    )


@pytest.mark.parametrize("with_counties", [True, False])
def test_every_labelled_defect_is_found_and_nothing_else(
    shared: Callable[..., Path], capsys: pytest.CaptureFixture[str], *, with_counties: bool
):
    with shared("gold", "defects.csv").open(encoding="utf-8", newline="") as file:
        defects = [row for row in csv.DictReader(file) if row["is_defect"] == "1"]
    findings = check_file(shared("gold", "coverage_dev.gpkg"), with_parents=True, with_counties=with_counties)
    found = [defect for defect in defects if any(matches(f, defect) for f in findings)]
    right = [f for f in findings if any(matches(f, defect) for defect in defects)]
    precision, recall = len(right) / len(findings), len(found) / len(defects)
    exact = sum(f.code == f"boundary.{d['kind']}" for d in defects for f in findings if matches(f, d))
    with capsys.disabled():
        print(
            f"\ntopology, labelled coverage: precision {precision:.3f} ({len(right)}/{len(findings)}), "
            f"recall {recall:.3f} ({len(found)}/{len(defects)}), exact kind {exact}/{len(defects)}"
        )
    assert (precision, recall, exact) == (1, 1, len(defects))
    assert len(findings) == len(defects)


@pytest.mark.parametrize("with_parents", [True, False])
@pytest.mark.parametrize("with_counties", [True, False])
def test_nothing_is_found_on_the_clean_coverage(
    shared: Callable[..., Path], *, with_parents: bool, with_counties: bool
):
    clean = shared("gold", "coverage_dev_clean.gpkg")
    assert check_file(clean, with_parents=with_parents, with_counties=with_counties) == []


def test_measured_widths_are_those_of_the_labels(shared: Callable[..., Path]):
    findings = check_file(shared("gold", "coverage_dev.gpkg"), with_parents=False, with_counties=False)
    with shared("gold", "defects.csv").open(encoding="utf-8", newline="") as file:
        wide = [row for row in csv.DictReader(file) if row["kind"] in {"gap", "overlap", "sliver"}]
    for defect in wide:
        (found,) = (f for f in findings if matches(f, defect))
        assert found.evidence["measure"] == pytest.approx(float(defect["size"]), rel=0.005)
        assert found.evidence["area_m2"] == pytest.approx(float(defect["area_m2"]), rel=0.001)


@pytest.mark.parametrize("seed", range(4))
def test_faults_put_into_synthetic_ground_are_all_found_and_nothing_else(
    seed: int, capsys: pytest.CaptureFixture[str]
):
    codes, polygons, faults = inject(townships(225, seed=seed), seed)
    findings = check_coverage(codes, polygons)
    missed = [fault for fault in faults if not any(fits(f, fault) for f in findings)]
    extra = [f for f in findings if not any(fits(f, fault) for fault in faults)]
    with capsys.disabled():
        print(
            f"\ntopology, synthetic faults, seed {seed}: {len(faults) - len(missed)}/{len(faults)} found",
            end="",
        )
    assert (missed, extra, len(findings)) == ([], [], len(faults))
    assert len(faults) > 50


def fits(found: Finding, fault) -> bool:
    away_m = ON_GROUND.inv(found.evidence["lon"], found.evidence["lat"], fault.place.x, fault.place.y)[2]
    return found.code == fault.code and set(found.subject) == fault.units and away_m < NEAR_M


@pytest.mark.parametrize("seed", range(3))
def test_silence_means_a_valid_coverage_to_geos_too(seed: int):
    coverage = townships(144, seed=seed)
    polygons = np.array(list(coverage.units.values()), dtype=object)
    assert check_coverage(list(coverage.units), polygons) == []
    assert shapely.coverage_is_valid(polygons)
    codes, faulty, faults = inject(coverage, seed)
    assert faults
    flagged = ~shapely.is_empty(shapely.coverage_invalid_edges(np.array(faulty, dtype=object)))
    named = {unit for found in check_coverage(codes, faulty) for unit in found.subject}
    assert {code for code, bad in zip(codes, flagged, strict=True) if bad} <= named


REAL = [("hainan_admin_amap.gpkg", 26), ("shanghai_admin_amap.gpkg", 16)]


@pytest.mark.parametrize(("file", "units"), REAL)
@pytest.mark.parametrize("layer", ["county_gcj02", "county_wgs84_derived"])
def test_real_districts_have_no_fault(shared: Callable[..., Path], file: str, units: int, layer: str):
    shapes, columns = read(shared("data", "boundaries", file), layer)
    assert len(shapes) == units
    assert check_coverage([str(code) for code in columns["adcode"]], shapes) == []


def test_two_sources_of_one_line_give_the_known_slivers(shared: Callable[..., Path]):
    """Xiuying of 2013 laid over Longhua of the other source: 47 slivers of overlap, 1.24 km2."""
    old, old_columns = read(shared("data", "boundaries", "hainan_county_2013_wgs84.gpkg"), "county_2013")
    new, new_columns = read(shared("data", "boundaries", "hainan_admin_amap.gpkg"), "county_wgs84_derived")
    xiuying = old[[str(code) for code in old_columns["adcode"]].index("460105")]
    longhua = new[[str(code) for code in new_columns["adcode"]].index("460106")]
    findings = check_coverage(["460105", "460106"], [xiuying, longhua])
    overlaps = [found for found in findings if found.code == "boundary.overlap"]
    assert len(overlaps) == 47
    assert sum(found.evidence["area_m2"] for found in overlaps) == pytest.approx(1.24e6, rel=0.005)
    assert {found.code for found in findings} == {"boundary.overlap", "boundary.gap"}
