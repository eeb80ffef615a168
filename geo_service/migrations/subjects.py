"""Who reaches what a document is linked to: one function, extended by the migration of each layer."""

from collections.abc import Mapping
from typing import Final

from alembic import op

BOUNDARY_SUBJECTS: Final = {
    "unit": "service.reaches_unit(subject::uuid)",
    "line": "EXISTS (SELECT FROM boundary_line l WHERE l.line_code = subject AND service.reaches_any_unit(l.unit_ids))",
    "change": "EXISTS (SELECT FROM unit_succession s WHERE s.change_id = subject::uuid "
    "AND (service.reaches_version_key(s.predecessor_id) OR service.reaches_version_key(s.successor_id)))",
}
"""Kind of subject → whether the acting officer's jurisdiction touches it; a line belongs to every side."""


def extend_reach(subjects: Mapping[str, str]) -> None:
    """Create `service.reaches_subject(kind, subject)` anew for these kinds; others are reached by nobody.

    For example `extend_reach({**BOUNDARY_SUBJECTS, "marker": "EXISTS (SELECT FROM markers.marker m …)"})`.
    """
    cases = " ".join(f"WHEN '{kind}' THEN {condition}" for kind, condition in subjects.items())
    op.execute(
        "CREATE OR REPLACE FUNCTION service.reaches_subject(kind text, subject text) RETURNS boolean "
        "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = boundaries, pg_temp AS "
        f"$$ SELECT coalesce(CASE kind {cases} ELSE false END, false) $$"
    )
