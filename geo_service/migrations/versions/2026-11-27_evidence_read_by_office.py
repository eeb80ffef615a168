"""evidence read by office: records of a marker are read by whoever reaches one of its sides; the rest by views."""

from alembic import op

from geo_service.migrations.policies import policy

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

# Found once a transaction and officer: a marker's page asks several tables for the same. A STABLE function may
# remember, because the same jurisdictions reach the same codes until units change.
REACHED = """
CREATE FUNCTION service.reached_codes() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = service, pg_temp AS $$
DECLARE
    acting text := service.jurisdictions()::text;
    found text[];
BEGIN
    IF acting = '{}' THEN
        RETURN '{}';
    END IF;
    IF current_setting('geo.reached_by', true) IS DISTINCT FROM acting THEN
        found := published.reached_codes() || service.jurisdictions();
        PERFORM set_config('geo.reached', found::text, true), set_config('geo.reached_by', acting, true);
        RETURN found;
    END IF;
    RETURN current_setting('geo.reached')::text[];
END $$;
"""
EVERYTHING = "(SELECT published.reaches_everything())"
OF_MARKER = (
    f"{EVERYTHING} OR EXISTS (SELECT FROM markers.marker m "
    "WHERE m.id = marker_id AND m.unit_codes && (SELECT service.reached_codes()))"
)
OF_JOINT = (
    f"{EVERYTHING} OR EXISTS (SELECT FROM markers.joint_inspection j "
    "WHERE j.id = joint_id AND j.sides && (SELECT service.reached_codes()))"
)
READS = {
    **dict.fromkeys(
        (
            "inspection", "inspection_review", "inspection_photo", "marker_case", "case_event", "case_paper",
            "marker_record", "marker_edit", "alert",
        ),
        OF_MARKER,
    ),
    **dict.fromkeys(("joint_task", "joint_record"), OF_JOINT),
    "joint_inspection": f"{EVERYTHING} OR sides && (SELECT service.reached_codes())",
    "photo": (
        f"{EVERYTHING} OR received_by = (SELECT service.acting_officer()) "
        "OR EXISTS (SELECT FROM markers.inspection_photo p WHERE p.sha256 = photo.sha256) "
        "OR EXISTS (SELECT FROM markers.case_paper p WHERE p.sha256 = photo.sha256)"
    ),
}  # fmt: skip

# Views run as their owner, past the policies. What a colour is derived from is the same whoever asks for it; what
# the public is told of a visit is these columns and no others.
VIEWS = {
    "known_inspection": (
        "SELECT marker_id, id, happened_at, received_at, kind, judged_condition, position_check, person "
        "FROM markers.inspection"
    ),
    "known_review": (
        "SELECT marker_id, id, recorded_at, inspection_id, accepted, person FROM markers.inspection_review"
    ),
    "known_case_event": (
        "SELECT marker_id, id, happened_at, recorded_at, case_id, kind, person, unit, capacity, records "
        "FROM markers.case_event"
    ),
    "known_record": (
        "SELECT marker_id, id, happened_at, recorded_at, kind, about, person, content FROM markers.marker_record"
    ),
    "public_log": "SELECT marker_id, id, kind, happened_at, condition FROM markers.inspection",
}

# Whoever knows a photo's hash has held it: he may be told that it is here, not shown it.
PHOTO_HERE = """
CREATE FUNCTION markers.photo_here(wanted text) RETURNS TABLE (size_bytes bigint, media_type text, received_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = markers, pg_temp AS $$
    SELECT p.size_bytes, p.media_type, p.received_at FROM photo p WHERE p.sha256 = wanted
$$;
"""


def upgrade() -> None:
    op.execute(REACHED)
    op.execute(PHOTO_HERE)
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW markers.{name} AS {query}")
        op.execute(f"GRANT SELECT ON markers.{name} TO geo_service")
    for table, condition in READS.items():
        op.execute(f"DROP POLICY may_select ON markers.{table}")
        policy(f"markers.{table}", "SELECT", condition)


def downgrade() -> None:
    for table in READS:
        op.execute(f"DROP POLICY may_select ON markers.{table}")
        policy(f"markers.{table}", "SELECT", "true")
    for name in VIEWS:
        op.execute(f"DROP VIEW markers.{name}")
    op.execute("DROP FUNCTION markers.photo_here(text), service.reached_codes()")
