"""a statement that changes many rows asks once which change set they belong to, not once a row."""

from alembic import op

revision = "0107"
down_revision = "0106"
branch_labels = None
depends_on = None

NOTE_CHANGES = """
CREATE OR REPLACE FUNCTION service.note_changes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = service, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        EXECUTE format('INSERT INTO service.change (set_id, layer, subject, code, kind) '
                       'SELECT {change_set}, $1, id, (%I)::text, $2 FROM changed', TG_ARGV[1])
          USING TG_ARGV[0], CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END;
    END IF;
    RETURN NULL;
END $$
"""
NOTE_DERIVED = """
CREATE OR REPLACE FUNCTION service.note_derived() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = service, pg_temp AS $$
DECLARE
    others uuid[];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT marker_id) FROM ('
                   'SELECT %1$s FROM changed EXCEPT SELECT %1$s FROM former) differing', TG_ARGV[0]) INTO others;
    IF others IS NOT NULL THEN
        INSERT INTO change (set_id, layer, subject, code, kind)
        SELECT {change_set}, 'markers', id, code, 'changed' FROM markers.marker WHERE id = ANY (others);
    END IF;
    RETURN NULL;
END $$
"""
# A select of its own is a constant of the statement.
ONCE = "(SELECT service.current_change_set())"
EACH_ROW = "service.current_change_set()"


def upgrade() -> None:
    for function in (NOTE_CHANGES, NOTE_DERIVED):
        op.execute(function.replace("{change_set}", ONCE))


def downgrade() -> None:
    for function in (NOTE_CHANGES, NOTE_DERIVED):
        op.execute(function.replace("{change_set}", EACH_ROW))
