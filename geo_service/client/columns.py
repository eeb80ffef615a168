"""The columns of each list, so that an answer without rows has them too."""

from typing import Final

UNITS: Final = (
    "code", "name", "pinyin", "level", "parent_code", "parent_name", "valid_from", "valid_to", "area_m2", "authoritative",
    "source",
)  # fmt: skip
LINES: Final = (
    "line_code", "level", "name", "unit_codes", "length_m", "managing", "last_joint_inspection_on", "next_due_on",
    "disputed", "derived", "legal_instrument", "stated_name", "stated_length_m", "valid_from", "valid_to",
)  # fmt: skip
TRIPOINTS: Final = ("tripoint_code", "unit_codes", "valid_from", "valid_to")
BOUNDARY_FINDINGS: Final = ("code", "unit_codes", "measure", "measure_unit", "lon", "lat")
MARKERS: Final = (
    "code", "number", "name", "line_code", "unit_codes", "managing_unit", "grade", "set_kind", "faces", "colour",
    "condition", "condition_confirmed", "position_check", "currency", "patrol_currency", "joint_currency", "case_stage",
    "filing_pending", "sensor_alarm_open", "sync_conflict", "review_pending", "last_inspected_at", "next_due_on",
    "patrol_due_on", "joint_due_on", "synthetic", "version", "valid_from", "valid_to", "rule", "since",
)  # fmt: skip
HISTORY: Final = ("since", "until", "colour", "shape", "rule", "because", "policy")
CASES: Final = (
    "id", "marker_code", "line_code", "unit_codes", "kind", "stage", "opened_at", "opened_by", "last_event_at",
)  # fmt: skip
CASE_EVENTS: Final = (
    "id", "event", "happened_at", "recorded_at", "person", "unit", "capacity", "records",
)  # fmt: skip
JOINT_INSPECTIONS: Final = (
    "id", "line_code", "cycle_start", "year", "sides", "lead", "stage", "tasks", "tasks_recorded", "disagreements",
)  # fmt: skip
ALERTS: Final = (
    "id", "code", "weight", "marker_code", "line_code", "unit_codes", "since", "subject", "evidence",
)  # fmt: skip
NAMES: Final = (
    "name", "specific", "generic", "kind", "status", "pinyin", "pinyin_plain", "reading", "unit_code", "authority_code",
    "road_class", "aliases", "origin", "meaning", "heritage", "source", "synthetic", "valid_from", "valid_to",
)  # fmt: skip
PROPOSALS: Final = (
    "name", "pinyin", "reading", "kind", "action", "former_name", "state", "unit_code", "origin", "meaning", "length_m",
    "width_m", "road_class", "comment_until", "synthetic",
)  # fmt: skip
SIGNS: Final = (
    "name_id", "name", "number", "reason", "crossing", "bearing", "colour", "text", "pinyin", "arrows", "state",
    "inspected_on", "mismatches", "text_seen", "pinyin_seen", "colour_seen",
)  # fmt: skip
HUBS: Final = (
    "code", "name", "status", "capacity", "floor_area_m2", "services", "opened_on", "address", "unit_code", "source",
    "changed_at",
)  # fmt: skip
DEMAND: Final = ("code", "set_id")
DEMAND_SETS: Final = (
    "id", "name", "source", "counted_on", "population_groups", "points", "unit_code", "recorded_at", "recorded_by",
)  # fmt: skip
NETWORKS: Final = ("name", "source", "dated_on", "report", "unit_code", "recorded_at", "recorded_by")
UNNAMED_ROADS: Final = ("road_class", "unit_code", "source", "recorded_at")
GAPS: Final = ("lon", "lat")
DUE: Final = (
    "kind", "subject", "line_code", "unit", "due_on", "state", "never_done", "joint_id", "proposal_id", "meeting_id",
)  # fmt: skip
SCENARIOS: Final = (
    "id", "name", "note", "metric", "limit_m", "network", "demand", "hubs", "unit_code", "recorded_at", "recorded_by",
    "changed_at", "changed_by", "etag",
)  # fmt: skip
PLACED_HUBS: Final = ("lon", "lat", "name", "status", "capacity", "floor_area_m2", "address")
RELEASES: Final = (
    "id", "layer", "form", "purpose", "recipient", "bbox", "ground_code", "as_of", "document_id", "state", "requested_by",
    "requested_at", "reviewed_by", "reviewed_at", "note", "expires_at", "downloaded_at", "sha256",
)  # fmt: skip
REFERENCE_LAYERS: Final = (
    "id", "name", "title", "features", "geometry_type", "columns", "bbox", "style", "etag", "source_file", "source_layer",
    "source_crs", "sha256", "recorded_at", "recorded_by", "removed_at", "removed_by", "kept_until",
)  # fmt: skip
