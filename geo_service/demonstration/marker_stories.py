"""What happened to the generated markers: two years of visits, and for a few of them something to handle."""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from geo_service.demonstration.marker_sensors import alarm_message, device_of
from layers.markers.displacement import CGCS2000, DisplacementPolicy, compare_positions, condition_with
from layers.markers.model import CaseStage, Condition, FixSource, FixType, ObservedPosition

if TYPE_CHECKING:
    from geo_service.demonstration.markers import Placed

YEARS: Final = 2
PATROLLER, REVIEWER, SECOND = "演示巡检员", "演示审核员", "演示见证人"


@dataclass(frozen=True, slots=True)
class Story:
    """How a marker's records end: its last condition, a case brought so far, and what else stands open."""

    condition: Condition = Condition.INTACT
    stage: CaseStage = CaseStage.NONE
    confirmed: bool = False
    dismissed: bool = False
    retired: bool = False
    pending: bool = False
    phone_off_m: float = 0.0
    rtk_off_m: float = 0.0
    flag: str | None = None
    late_days: int = 0
    never: bool = False
    not_set: bool = False
    device: str | None = None


S, C = CaseStage, Condition
STORIES: Final = (
    Story(C.DAMAGED, S.REPORTED),
    Story(C.DAMAGED, S.VERIFIED),
    Story(C.DAMAGED, S.ACCEPTED),
    Story(C.DAMAGED, S.REPAIRING),
    Story(C.DAMAGED, S.AWAITING_JOINT_ACCEPTANCE),
    Story(C.DAMAGED, S.AWAITING_APPROVAL),
    Story(C.DAMAGED, S.AWAITING_FILING),
    Story(C.DAMAGED, S.CLOSED),
    Story(C.MISSING, S.VERIFIED, confirmed=True),
    Story(C.INTACT, S.CLOSED, dismissed=True),
    Story(C.INTACT, S.CLOSED, retired=True),
    Story(C.NOT_FOUND),
    Story(C.MISSING),
    Story(C.MINOR_DEFECT),
    Story(C.MINOR_DEFECT),
    Story(rtk_off_m=6.0),
    Story(phone_off_m=25.0),
    Story(pending=True),
    Story(C.DAMAGED, pending=True),
    Story(flag="sensor_alarm", device="leaning"),
    Story(flag="sync_conflict"),
    Story(flag="filing"),
    Story(late_days=40),
    Story(late_days=130),
    Story(never=True),
    Story(never=True, not_set=True),
    Story(device="fading"),
    Story(device="silent"),
)


def visits(
    placed: "Placed", chance: random.Random, now: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return two years of patrols and their reviews, every month under contract and every quarter without."""
    story = placed.story
    if story.never:
        return [], []
    step = 30 if placed.under_contract else 88
    last = now - timedelta(days=chance.uniform(1, 15) + story.late_days)
    moments = [last - timedelta(days=step * back) for back in range(int(365 * YEARS / step), -1, -1)]
    seen, judged = [], []
    for place, moment in enumerate(moments):
        ends = place == len(moments) - 1
        row = _visit(placed, chance, moment, place=place, ends=ends)
        seen.append(row)
        if not (ends and story.pending):
            judged.append(_review(row, moment))
    return seen, judged


def _visit(
    placed: "Placed", chance: random.Random, moment: datetime, *, place: int, ends: bool
) -> dict[str, Any]:
    story, legal = placed.story, placed.marker.legal_position
    condition = story.condition if ends else Condition.INTACT
    precise = ends and story.rtk_off_m > 0
    off = (story.rtk_off_m or story.phone_off_m) if ends else 0.0
    fix = _fix(placed, chance, off, precise=precise)
    displacement = compare_positions(legal, fix, DisplacementPolicy())
    body = {"damaged": "damaged", "minor_defect": "minor"}.get(condition.value, "good")
    return {
        "id": uuid.uuid5(placed.id, f"visit {place}"),
        "marker_id": placed.id,
        "kind": "patrol",
        "captured_at": moment,
        "happened_at": moment,
        "received_at": moment + timedelta(hours=chance.uniform(0.2, 9)),
        "device": "演示设备",
        "person": PATROLLER,
        "unit": placed.marker.unit_codes[0],
        "condition": condition.value,
        "judged_condition": condition_with(condition, displacement).value,
        "components": {"body": body, "inscription": "good", "base": "good"},
        "geometry": f"SRID=4490;POINT({fix.lon!r} {fix.lat!r})",
        "gnss": {
            "lon": fix.lon,
            "lat": fix.lat,
            "accuracy_m": fix.accuracy_m,
            "fix_type": int(fix.fix_type or 0),
            "source": fix.source,
        },
        "position_check": displacement.position_check.value,
        "displacement": {
            "verdict": displacement.verdict.value,
            "offset_m": displacement.offset_m,
            "limit_m": displacement.limit_m,
            "azimuth_deg": displacement.azimuth_deg,
        },
        "actions": ["除草"] if place % 3 == 0 else [],
        "note": "演示记录",
        "digest": "",
    }


def _fix(placed: "Placed", chance: random.Random, off_m: float, *, precise: bool) -> ObservedPosition:
    legal = placed.marker.legal_position
    if legal is None:
        raise ValueError(placed.marker.code)
    sigma = 0.02 if precise else 4.0
    distance = off_m + abs(chance.gauss(0, 0.01 if precise else 1.5))
    lon, lat, _ = CGCS2000.fwd(legal.lon, legal.lat, chance.uniform(0, 360), distance)
    return ObservedPosition(
        lon=round(float(lon), 8),
        lat=round(float(lat), 8),
        accuracy_m=sigma,
        fix_type=FixType.RTK_FIXED if precise else FixType.AUTONOMOUS,
        source=FixSource.SURVEY if precise else FixSource.PHONE,
    )


def _review(row: dict[str, Any], moment: datetime) -> dict[str, Any]:
    return {
        "id": uuid.uuid5(row["id"], "review"),
        "inspection_id": row["id"],
        "marker_id": row["marker_id"],
        "accepted": True,
        "reason": "",
        "person": REVIEWER,
        "recorded_at": moment + timedelta(hours=14),
    }


JOINT_YEARS_AGO: Final = {"460105460106": 1.2, "460106469021": 5.4, "460107469021": 4.7}
"""How long ago a line's last joint inspection was, where not two years: one recent, one overdue, one due soon."""


def record_rows(placed: "Placed", now: datetime) -> list[dict[str, Any]]:
    """Return the marker's last joint inspection, and what else stands open."""
    rows = []
    if not placed.story.never:
        ago = JOINT_YEARS_AGO.get(placed.marker.line_code, 2.3)
        moment = now - timedelta(days=365.25 * ago)
        content = {"passed": True, "condition": "intact", "position_check": "agrees"}
        rows.append(_record(placed, "joint_result", moment, content))
    if placed.story.flag:
        content = {"flag": placed.story.flag, "synthetic": True}
        if placed.story.device:
            content |= {
                "code": "sensor.tilted",
                "message": str(alarm_message(placed)),
                "device": device_of(placed),
                "measure": "tilt_deg",
                "value": 7.6,
                "limit": 5.0,
                "policy": "default:1",
            }
        rows.append(_record(placed, "flagged", now - timedelta(days=3), content))
    return rows


def _record(placed: "Placed", kind: str, moment: datetime, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": uuid.uuid5(placed.id, kind),
        "marker_id": placed.id,
        "kind": kind,
        "about": None,
        "happened_at": moment,
        "recorded_at": moment + timedelta(hours=1),
        "person": REVIEWER,
        "content": content,
    }
