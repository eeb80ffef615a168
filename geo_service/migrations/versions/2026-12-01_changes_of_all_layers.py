"""the change feed of tripoints, signs and coverage, and of what a marker's state and colour become."""

from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

LAYERS = {
    "tripoints": ("boundaries.tripoint", "tripoint_code", "true"),
    "signs": ("naming.sign", "id", "true"),
    "coverage": ("hubs.hub", "code", "status = 'existing'"),
}
"""Layer: its table, the key that is told, and which rows it has before the feed begins."""
DERIVED = {
    "marker_state": "marker_id, condition, position_check, currency, case_stage, last_inspected_on, next_due_on",
    "marker_colour": "marker_id, profile, colour, shape, rule, since",
}
FUNCTIONS = """
-- What was found of a sign stands in a table of its own: the sign is told as changed.
CREATE FUNCTION service.note_inspected_signs() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = service, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        INSERT INTO change (set_id, layer, subject, code, kind)
        SELECT DISTINCT current_change_set(), 'signs', sign_id, sign_id::text, 'changed' FROM changed;
    END IF;
    RETURN NULL;
END $$;

-- What is derived of a marker is written anew with every record and by the clock: told is what became another.
CREATE FUNCTION service.note_derived() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = service, pg_temp AS $$
DECLARE
    others uuid[];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT marker_id) FROM ('
                   'SELECT %1$s FROM changed EXCEPT SELECT %1$s FROM former) differing', TG_ARGV[0]) INTO others;
    IF others IS NOT NULL THEN
        INSERT INTO change (set_id, layer, subject, code, kind)
        SELECT current_change_set(), 'markers', id, code, 'changed' FROM markers.marker WHERE id = ANY (others);
    END IF;
    RETURN NULL;
END $$;
"""
EVENTS = {"insert": "NEW", "update": "NEW", "delete": "OLD"}


def upgrade() -> None:
    op.execute(FUNCTIONS)
    for layer, (table, key, there) in LAYERS.items():
        op.execute(
            "INSERT INTO service.change (set_id, layer, subject, code, kind) SELECT service.current_change_set(), "
            f"'{layer}', id, ({key})::text, 'added' FROM {table} WHERE {there}"
        )
        for event, rows in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER note_{layer}_{event} AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed "
                f"FOR EACH STATEMENT EXECUTE FUNCTION service.note_changes('{layer}', '{key}')"
            )
    op.execute(
        "CREATE TRIGGER note_inspected AFTER INSERT ON naming.sign_inspection REFERENCING NEW TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION service.note_inspected_signs()"
    )
    for table, told in DERIVED.items():
        op.execute(
            f"CREATE TRIGGER note_derived AFTER UPDATE ON markers.{table} "
            "REFERENCING NEW TABLE AS changed OLD TABLE AS former "
            f"FOR EACH STATEMENT EXECUTE FUNCTION service.note_derived('{told}')"
        )
    # What the database already holds has its place before the tables are altered.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute("SET CONSTRAINTS ALL DEFERRED")


def downgrade() -> None:
    for table in DERIVED:
        op.execute(f"DROP TRIGGER note_derived ON markers.{table}")
    op.execute("DROP TRIGGER note_inspected ON naming.sign_inspection")
    for layer, (table, _, _) in LAYERS.items():
        for event in EVENTS:
            op.execute(f"DROP TRIGGER note_{layer}_{event} ON {table}")
    op.execute("DROP FUNCTION service.note_derived(), service.note_inspected_signs()")
    op.execute(f"DELETE FROM service.change WHERE layer IN ({', '.join(repr(layer) for layer in LAYERS)})")
