"""What can be asked, one call a question; see the HTTP contract for what the parameters mean."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal

import pandas as pd

from geo_service.client import columns
from geo_service.client.connection import Connection, day_text
from geo_service.client.frames import Frame, frame_of, table_of

Box = tuple[float, float, float, float]
Day = date | str
SEPARATOR: Final = "\x1e"
JOB_WITHIN_S: Final = 900.0


class Client(Connection):
    """The service at an address, with the rights of a token; without one, what everybody may see."""

    def units(self, *, level: str | None = None, parent: str | None = None, q: str | None = None, bbox: Box | None = None,
              as_of: Day | None = None, most: int | None = None) -> Frame:  # fmt: skip
        """Units, of a level, below a unit, by name or code, within a box, on a day."""
        asked = {"level": level, "parent": parent, "q": q, "bbox": bbox, "as_of": as_of}
        return frame_of(self.features("/api/boundaries/units", most=most, **asked), columns=columns.UNITS)

    def unit(self, code: str, *, as_of: Day | None = None) -> Frame:
        """One unit, with its history."""
        return frame_of([self.get(f"/api/boundaries/units/{code}", as_of=as_of)])

    def lines(self, *, level: str | None = None, unit: str | None = None, bbox: Box | None = None,
              as_of: Day | None = None, most: int | None = None) -> Frame:  # fmt: skip
        """Boundary lines, of a level, of a unit, within a box, on a day."""
        asked = {"level": level, "unit": unit, "bbox": bbox, "as_of": as_of}
        return frame_of(self.features("/api/boundaries/lines", most=most, **asked), columns=columns.LINES)

    def line(self, line_code: str) -> Frame:
        """One boundary line."""
        return frame_of([self.get(f"/api/boundaries/lines/{line_code}")])

    def tripoints(self, *, unit: str | None = None, bbox: Box | None = None, as_of: Day | None = None,
                  most: int | None = None) -> Frame:  # fmt: skip
        """Points where three units meet, of a unit, within a box, on a day; today where none is named."""
        asked = {"bbox": bbox, "datetime": as_of}
        if unit is not None:
            quoted = unit.replace("'", "''")
            asked |= {"filter": f"A_CONTAINS(unit_codes, ('{quoted}'))", "filter-lang": "cql2-text"}
        found = self.features("/ogc/collections/tripoints/items", most=most, **asked)
        return frame_of(found, columns=columns.TRIPOINTS)

    def locate(self, lon: float, lat: float, *, as_of: Day | None = None) -> pd.DataFrame:
        """Name the units over a point, province first."""
        found = self.get("/api/boundaries/locate", lon=lon, lat=lat, as_of=as_of)["units"]
        return pd.DataFrame(found, columns=["code", "name", "level"])

    def boundary_findings(self, *, most: int | None = None, **asked: Any) -> Frame:
        """Topology findings, each at its place."""
        return frame_of(
            self.features("/api/boundaries/findings", most=most, **asked), columns=columns.BOUNDARY_FINDINGS
        )

    def markers(self, *, colour: str | None = None, line: str | None = None, unit: str | None = None,
                due_before: Day | None = None, bbox: Box | None = None, as_of: Day | None = None,
                profile: str | None = None, q: str | None = None, most: int | None = None) -> Frame:  # fmt: skip
        """Markers; `colour` is the colour's code, and rule and since stand beside it."""
        asked = {"colour": colour, "line": line, "unit": unit, "due_before": due_before, "bbox": bbox, "as_of": as_of,
                 "profile": profile, "q": q}  # fmt: skip
        found = map(_with_plain_colour, self.features("/api/markers", most=most, **asked))
        return frame_of(found, columns=columns.MARKERS)

    def marker(self, code: str) -> Frame:
        """One marker, with the reasons for its colour."""
        return frame_of([_with_plain_colour(self.get(f"/api/markers/{code}"))])

    def marker_history(self, code: str, *, profile: str | None = None) -> pd.DataFrame:
        """Every colour that a marker has had, with the rule; records and inspections that one may see stand in `attrs`."""
        told = self.get(f"/api/markers/{code}/history", profile=profile)
        return table_of(told.pop("spans"), told, columns=columns.HISTORY)

    def cases(self, *, stage: str | None = None, line: str | None = None, unit: str | None = None,
              open_only: bool = False, most: int = 1000) -> pd.DataFrame:  # fmt: skip
        """List cases of markers, the latest first; `most` is at most 1000."""
        asked = {"stage": stage, "line": line, "unit": unit, "open": open_only, "limit": most}
        return table_of(self.get("/api/cases", **asked)["cases"], columns=columns.CASES)

    def case(self, case_id: str) -> pd.DataFrame:
        """One case, an event a row; the case itself and what may come next stand in `attrs`."""
        told = self.get(f"/api/cases/{case_id}")
        return table_of(told.pop("events"), told, columns=columns.CASE_EVENTS)

    def joint_inspections(self, *, line: str | None = None, year: int | None = None) -> pd.DataFrame:
        """List joint inspections with the stage that their records have reached."""
        told = self.get("/api/joint-inspections", line=line, year=year)
        return table_of(told["joint_inspections"], columns=columns.JOINT_INSPECTIONS)

    def alerts(self, *, unit: str | None = None, line: str | None = None, kind: str | Sequence[str] | None = None,
               since: datetime | str | None = None, as_of: Day | None = None,
               profile: str | None = None) -> pd.DataFrame:  # fmt: skip
        """List what stands open of clocks, reports and sensors, alarms first; counts by code stand in `attrs`."""
        moment = since.isoformat() if isinstance(since, datetime) else since
        asked = {"unit": unit, "line": line, "since": moment, "as_of": as_of, "profile": profile}
        told = self.get("/api/alerts", kind=_several(kind), **asked)
        return table_of(told.pop("alerts"), told, columns=columns.ALERTS)

    def due(self, *, unit: str | None = None, line: str | None = None, kind: str | Sequence[str] | None = None,
            days_ahead: int = 30) -> pd.DataFrame:  # fmt: skip
        """List what is to be done of markers, lines and names, overdue first; counts by state and kind stand in `attrs`."""
        told = self.get("/api/due", unit=unit, line=line, kind=_several(kind), days_ahead=days_ahead)
        return table_of(told.pop("entries"), told, columns=columns.DUE)

    def names(self, q: str | None = None, *, kind: str | None = None, status: str | None = None, unit: str | None = None,
              bbox: Box | None = None, as_of: Day | None = None, most: int | None = None) -> Frame:  # fmt: skip
        """Names of the register, by characters, spelling, initials or former name, of a kind, within a box, on a day."""
        asked = {"q": q, "kind": kind, "status": status, "unit": unit, "bbox": bbox, "as_of": as_of}
        return frame_of(self.features("/api/naming/names", most=most, **asked), columns=columns.NAMES)

    def name(self, name_id: str) -> Frame:
        """One name of the register, in full."""
        return frame_of([self.get(f"/api/naming/names/{name_id}")])

    def proposals(self, *, state: str | None = None, q: str | None = None, bbox: Box | None = None,
                  most: int | None = None) -> Frame:  # fmt: skip
        """Proposals of names, in a state of the review: the office's own, or those under public comment."""
        found = self.features("/api/naming/proposals", most=most, state=state, q=q, bbox=bbox)
        return frame_of(found, columns=columns.PROPOSALS)

    def proposal(self, proposal_id: str) -> Frame:
        """One proposal; for the office with its path, findings and deadlines."""
        return frame_of([self.get(f"/api/naming/proposals/{proposal_id}")])

    def check_name(self, name: str, **described: Any) -> pd.DataFrame:
        """Examine a proposed name: its findings, one a row; parts, readings and spelling stand in its `attrs`."""
        told = self.request("POST", "/api/naming/check", json={"name": name, **described}).json()
        rows = [
            {
                "code": each["code"],
                "severity": each["severity"],
                "subject": each["subject"],
                **each["message"],
            }
            for each in told["findings"]
        ]
        found = pd.DataFrame(rows, columns=["code", "severity", "subject", "zh", "en"])
        found.attrs.update({key: value for key, value in told.items() if key != "findings"})
        return found

    def unnamed_roads(
        self, *, unit: str | None = None, bbox: Box | None = None, most: int | None = None
    ) -> Frame:
        """Roads that have no name yet, of a unit, within a box."""
        found = self.features("/api/naming/unnamed-roads", most=most, unit=unit, bbox=bbox)
        return frame_of(found, columns=columns.UNNAMED_ROADS)

    def signs(self, *, most: int | None = None, **asked: Any) -> Frame:
        """Signs of place names."""
        return frame_of(self.features("/api/naming/signs", most=most, **asked), columns=columns.SIGNS)

    def hubs(self, *, status: str | None = None, unit: str | None = None, q: str | None = None, bbox: Box | None = None,
             most: int | None = None) -> Frame:  # fmt: skip
        """Hubs: existing, planned, candidate, excluded."""
        asked = {"status": status, "unit": unit, "q": q, "bbox": bbox}
        return frame_of(self.features("/api/hubs", most=most, **asked), columns=columns.HUBS)

    def demand(self, *, demand: str | None = None, bbox: Box | None = None, most: int | None = None) -> Frame:
        """Demand points of a set, the newest where none is named; each population group a column."""
        found = self.features("/api/hubs/demand", most=most, demand=demand, bbox=bbox)
        return frame_of(map(_with_weights, found), columns=columns.DEMAND)

    def demand_sets(self) -> pd.DataFrame:
        """List the sets of demand points, each with its population groups and where the figures are from."""
        return table_of(self.get("/api/hubs/demand/sets")["sets"], columns=columns.DEMAND_SETS)

    def networks(self, *, most: int | None = None) -> Frame:
        """Return walking networks: the ground that each covers, with what was found when it was read."""
        return frame_of(self.features("/api/hubs/networks", most=most), columns=columns.NETWORKS)

    def coverage(self, *, of: Literal["hubs", "units", "gaps"] = "hubs", within_s: float = JOB_WITHIN_S,
                 **question: Any) -> Frame:  # fmt: skip
        """Whom hubs reach: a row a hub, a unit or a gap; the totals stand in `attrs`.

        `question` is the body of `POST /api/hubs/coverage`: `limit_m` or `limit_min`, `metric`, `hubs`, `demand`, `by` …
        """
        told = self.request("POST", "/api/hubs/coverage", json=_plain(question)).json()
        if "state" in told:
            told = self.finished(told, within_s=within_s)
        facts = {name: value for name, value in told.items() if not isinstance(value, list)}
        if of == "gaps":
            return frame_of(map(_at_its_place, told["gaps"]), facts, columns=columns.GAPS)
        places = self.hubs() if of == "hubs" else self.units(level=told["by"], as_of=question.get("as_of"))
        shapes = dict(zip(places["code"], places.geometry, strict=True))
        rows = [{"properties": row, "geometry": None} for row in told[of]]
        made = frame_of(rows, facts)
        made["geometry"] = [shapes.get(row.get("code", row.get("id"))) for row in told[of]]
        return made

    def gaps(self, *, within_s: float = JOB_WITHIN_S, **question: Any) -> Frame:
        """Where people live whom no hub reaches, each gap at its place; asked as `coverage` is."""
        return self.coverage(of="gaps", within_s=within_s, **question)

    def scenarios(self) -> pd.DataFrame:
        """List the saved plans, the last changed first."""
        return table_of(self.get("/api/hubs/scenarios")["scenarios"], columns=columns.SCENARIOS)

    def scenario(self, scenario_id: str) -> Frame:
        """Return the hubs of a saved plan, each at its place; name, limit and who changed what stand in `attrs`."""
        told = self.get(f"/api/hubs/scenarios/{scenario_id}")
        return frame_of(map(_at_its_place, told.pop("hubs")), told, columns=columns.PLACED_HUBS)

    def compare_scenarios(self, b: str, a: str | None = None, *, by: str = "county",
                          as_of: Day | None = None) -> pd.DataFrame:  # fmt: skip
        """Set plan `b` beside `a`, or beside the hubs that exist: a row a unit; totals and hubs stand in `attrs`."""
        told = self.get("/api/hubs/scenarios/compare", a=a, b=b, by=by, as_of=as_of)
        return table_of(told["difference"].pop("units"), told)

    def siting(self, method: str, *, within_s: float = JOB_WITHIN_S, **question: Any) -> Frame:
        """Where hubs should stand: the chosen sites; objective, bound and gap stand in `attrs`. Waits for the job."""
        asked = {"method": method, **_plain(question)}
        told = self.finished(self.request("POST", "/api/hubs/siting", json=asked).json(), within_s=within_s)
        facts = {name: value for name, value in told.items() if name not in {"sites", "places"}}
        return frame_of(map(_at_its_place, told["places"]), facts)

    def changes(self, layer: str, since: str | None = None) -> tuple[Frame, str]:
        """Tell what became of a layer since a token, and the token to ask with next time; all pages."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.request("GET", f"/api/changes/{layer}", since=since, limit=10_000)
            found += [json.loads(line) for line in answer.text.split(SEPARATOR) if line]
            since = answer.headers["Geo-Token"]
            if "next" not in answer.headers.get("Link", ""):
                return frame_of(found), since

    def reference_layers(self) -> pd.DataFrame:
        """List the layers for reference that stand beside the office's own; the removed stand in `attrs`."""
        told = self.get("/api/reference-layers")
        return table_of(told.pop("layers"), told, columns=columns.REFERENCE_LAYERS)

    def collection(self, name: str, *, where: str | None = None, bbox: Box | None = None,
                   within: str | None = None, most: int | None = None) -> Frame:  # fmt: skip
        """Rows of a collection of the open door, a layer for reference too; `where` is CQL2 text, `within` a `datetime` of OGC API."""
        asked = {"filter": where, "bbox": bbox, "datetime": within}
        return frame_of(self.features(f"/ogc/collections/{name}/items", most=most, **asked))

    def releases(self) -> pd.DataFrame:
        """List one's own requests for controlled data, the newest first; who decides on them sees all."""
        return table_of(self.get("/api/releases")["releases"], columns=columns.RELEASES)

    def apply_for_release(self, layer: str, *, purpose: str, recipient: str, **more: Any) -> dict[str, Any]:
        """Apply for a file of controlled data; another officer decides."""
        asked = {"layer": layer, "purpose": purpose, "recipient": recipient, **_plain(more)}
        made: dict[str, Any] = self.request("POST", "/api/releases", json=asked).json()
        return made


def _several(kind: str | Sequence[str] | None) -> list[str] | None:
    return [kind] if isinstance(kind, str) else None if kind is None else list(kind)


def _plain(question: dict[str, Any]) -> dict[str, Any]:
    return {name: day_text(value) for name, value in question.items() if value is not None}


def _with_plain_colour(feature: dict[str, Any]) -> dict[str, Any]:
    said = dict(feature["properties"])
    colour = said.get("colour")
    if isinstance(colour, dict):
        said |= {"colour": colour.get("code"), "rule": colour.get("rule"), "since": colour.get("since")}
    return feature | {"properties": said}


def _with_weights(feature: dict[str, Any]) -> dict[str, Any]:
    said = dict(feature["properties"])
    return feature | {"properties": said | said.pop("weights", {})}


def _at_its_place(row: dict[str, Any]) -> dict[str, Any]:
    said = dict(row)
    lon, lat = said.get("lon"), said.get("lat")
    place = None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}
    return {"id": said.pop("id", None), "properties": said, "geometry": place}
