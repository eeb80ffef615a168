"""cases by both sides: nobody acts under another's name, cites a paper that is not there, or accepts his own work."""

import sqlalchemy as sa
from alembic import op

from geo_service.migrations.policies import secure_each
from geo_service.migrations.rights import append_only

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

# A paper is cited by the SHA-256 of its bytes, bare or after `sha256:`; see layers/markers/cited_papers.py.
PAPERS = r"""
CREATE FUNCTION markers.cited(records jsonb) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT lower(substring(said #>> '{}' FROM '^\s*(?:sha256:)?([0-9a-fA-F]{64})\s*$'))
      FROM jsonb_path_query(records, 'strict $.** ? (@.type() == "string")') AS said
     WHERE said #>> '{}' ~ '^\s*(sha256:)?[0-9a-fA-F]{64}\s*$'
$$;

-- Whether a paper exists is said of a hash alone: whoever knows it has held the paper.
CREATE FUNCTION markers.on_file(wanted text[]) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = markers, service, pg_temp AS $$
    SELECT cited FROM unnest(wanted) AS cited
     WHERE EXISTS (SELECT FROM markers.photo p WHERE p.sha256 = cited)
        OR EXISTS (SELECT FROM service.document d WHERE d.sha256 = cited)
$$;

-- Which of these units has an officer who may act for it; one for everywhere (`*`) belongs to no side.
CREATE FUNCTION service.units_acting(wanted text[]) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = service, boundaries, pg_temp AS $$
    SELECT side FROM unnest(wanted) AS side WHERE EXISTS (
        WITH RECURSIVE up AS (
            (SELECT parent_id, code, 0 AS depth FROM boundaries.administrative_unit
              WHERE code = side ORDER BY valid_to DESC NULLS FIRST LIMIT 1)
            UNION ALL
            SELECT above.parent_id, above.code, up.depth + 1 FROM up, LATERAL (
                SELECT p.parent_id, p.code FROM boundaries.administrative_unit p WHERE p.unit_id = up.parent_id
                 ORDER BY p.valid_to DESC NULLS FIRST LIMIT 1) above
             WHERE up.depth < 6)
        SELECT FROM service.officer o
         WHERE o.disabled_at IS NULL AND o.roles && '{boundary,surveyor}'
           AND (side = ANY (o.jurisdictions) OR EXISTS (SELECT FROM up WHERE up.code = ANY (o.jurisdictions))))
$$;
"""

GUARD = """
CREATE FUNCTION markers.guard_case_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = markers, pg_temp AS $$
DECLARE
    missing text;
    worker text;
BEGIN
    IF service.acting_officer() NOT IN (NEW.person, 'operator') THEN
        RAISE EXCEPTION 'a step of a case is taken under one''s own name' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT cited INTO missing FROM markers.cited(NEW.records) AS cited
     WHERE NOT EXISTS (SELECT FROM markers.on_file(ARRAY[cited])) LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'a cited paper is not on record: %', missing USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF NEW.kind = 'acceptance.pass' THEN
        SELECT e.person INTO worker FROM case_event e
         WHERE e.case_id = NEW.case_id AND e.kind IN ('restore.done', 'move.done', 'add.done')
         ORDER BY e.recorded_at DESC, e.id DESC LIMIT 1;
        IF worker IS NULL OR worker = NEW.person THEN
            RAISE EXCEPTION 'nobody accepts his own repair' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.kind = 'case.confirm_lost' AND NEW.person = (
        SELECT c.opened_by FROM marker_case c WHERE c.id = NEW.case_id) THEN
        RAISE EXCEPTION 'nobody confirms a loss that he reported' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION markers.keep_case_papers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = markers, pg_temp AS $$
BEGIN
    INSERT INTO case_paper (event_id, sha256, marker_id)
        SELECT NEW.id, cited, NEW.marker_id FROM markers.cited(NEW.records) AS cited;
    RETURN NULL;
END $$;

CREATE TRIGGER guard_case_event BEFORE INSERT ON markers.case_event
    FOR EACH ROW EXECUTE FUNCTION markers.guard_case_event();
CREATE TRIGGER keep_case_papers AFTER INSERT ON markers.case_event
    FOR EACH ROW EXECUTE FUNCTION markers.keep_case_papers();
"""


def upgrade() -> None:
    op.create_table(
        "case_paper",
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["markers.case_event.id"], name=op.f("fk_case_paper_event_id")),
        sa.ForeignKeyConstraint(["marker_id"], ["markers.marker.id"], name=op.f("fk_case_paper_marker_id")),
        sa.PrimaryKeyConstraint("event_id", "sha256", name=op.f("pk_case_paper")),
        schema="markers",
    )
    op.create_index("ix_case_paper_sha256", "case_paper", ["sha256"], schema="markers")
    op.execute(PAPERS)
    op.execute(
        "INSERT INTO markers.case_paper (event_id, sha256, marker_id) "
        "SELECT e.id, cited, e.marker_id FROM markers.case_event e, markers.cited(e.records) AS cited"
    )
    append_only("markers.case_paper")
    op.execute("REVOKE INSERT ON markers.case_paper FROM geo_service")
    secure_each("markers.case_paper", select="(SELECT service.acting_officer()) <> 'public'")
    op.execute(GUARD)


def downgrade() -> None:
    op.execute("DROP TRIGGER guard_case_event ON markers.case_event")
    op.execute("DROP TRIGGER keep_case_papers ON markers.case_event")
    op.execute("DROP FUNCTION markers.guard_case_event, markers.keep_case_papers")
    op.execute("DROP TABLE markers.case_paper")
    op.execute("DROP FUNCTION service.units_acting, markers.on_file, markers.cited")
