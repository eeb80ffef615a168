"""published: the views that the open door reads, and layers for reference; a role that reads these and nothing else."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from geo_service.migrations.policies import secure
from geo_service.migrations.rights import counts_versions, grant

revision = "0041"
down_revision = "0020"
branch_labels = None
depends_on = None

ADMINISTRATOR = "(SELECT service.has_role('administrator'))"

# The views run as their owner, past the policies of the tables: what may be seen is said here, row by row and
# column by column, and the reader has no right on anything else. Settings of the transaction say who asks.
ACTING = """
-- Every code that the acting officer's jurisdictions reach, found once a statement.
CREATE FUNCTION published.reached_codes() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = boundaries, pg_temp AS $$
    WITH RECURSIVE down AS (
        SELECT u.unit_id, u.code, 0 AS depth FROM administrative_unit u WHERE u.code = ANY (service.jurisdictions())
        UNION
        SELECT u.unit_id, u.code, down.depth + 1 FROM administrative_unit u
          JOIN down ON u.parent_id = down.unit_id WHERE down.depth < 6)
    SELECT coalesce(array_agg(DISTINCT code), '{}') FROM down
$$;

CREATE FUNCTION published.reaches_everything() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('geo.jurisdictions', true), ''), '{}')::text[] @> ARRAY['*']
$$;

-- How the office tells positions of markers to whoever does not reach them: hidden unless it says otherwise.
CREATE FUNCTION published.told_positions() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('geo.marker_positions', true), ''), 'hidden')
$$;
"""

VIEWS = {
    "units": """
        SELECT u.id, u.code, u.name, u.pinyin, u.level, (
               SELECT a.code FROM boundaries.administrative_unit a
                WHERE a.unit_id = u.parent_id AND a.valid_from < coalesce(u.valid_to, 'infinity')
                  AND (a.valid_to IS NULL OR a.valid_to > u.valid_from)
                ORDER BY a.valid_from DESC LIMIT 1) AS parent_code, round(u.area_m2::numeric, 1)::float8 AS area_m2,
               u.authoritative, u.source, u.valid_from, u.valid_to, u.geometry
          FROM boundaries.administrative_unit u""",
    "lines": """
        SELECT l.id, l.line_code, l.level, l.name, l.unit_codes, round(l.length_m::numeric, 2)::float8 AS length_m,
               l.managing, l.disputed, l.derived, l.legal_instrument, l.last_joint_inspection_on,
               (l.last_joint_inspection_on + interval '5 years')::date AS next_due_on, l.valid_from, l.valid_to, l.geometry
          FROM boundaries.boundary_line l""",
    "tripoints": """
        SELECT t.id, t.tripoint_code, t.unit_codes, t.valid_from, t.valid_to, t.geometry FROM boundaries.tripoint t""",
    "markers": """
        SELECT m.id, m.code, m.number, m.name, m.line_code, m.unit_codes, m.managing_unit, m.grade, m.set_kind, m.faces,
               m.material, c.colour, c.shape, c.rule, c.since AS colour_since, s.condition, s.position_check, s.currency,
               s.case_stage, s.last_inspected_on, s.next_due_on, m.synthetic, m.valid_from, m.valid_to,
               CASE WHEN told.exact THEN 'exact' ELSE (SELECT published.told_positions()) END AS position_told,
               CASE WHEN told.exact THEN m.geometry
                    WHEN (SELECT published.told_positions()) = 'rounded'
                    THEN ST_SnapToGrid(m.geometry, 0.01)::geometry(Point, 4490) END AS geometry
          FROM markers.marker m
          LEFT JOIN markers.marker_state s ON s.marker_id = m.id
          LEFT JOIN markers.marker_colour c ON c.marker_id = m.id
               AND c.profile = coalesce(nullif(current_setting('geo.colour_profile', true), ''), 'condition_first'),
          LATERAL (SELECT (SELECT published.told_positions()) = 'exact' OR (SELECT published.reaches_everything())
                       OR m.unit_codes && (SELECT published.reached_codes()) AS exact) told""",
    "names": """
        SELECT n.id, n.place_id, n.characters AS name, n.specific, n.generic, n.kind, n.pinyin, n.pinyin_plain, n.unit_code,
               n.authority_code, n.road_class, n.aliases, n.origin, n.meaning, n.heritage, n.source, n.synthetic, n.valid_from,
               n.geometry
          FROM naming.name n WHERE n.status = 'in_force'""",
    "signs": """
        SELECT s.id, s.name_id, n.characters AS name, s.number, s.text, s.pinyin, s.colour, s.reason, s.crossing, s.bearing,
               s.unit_code, s.geometry
          FROM naming.sign s JOIN naming.name n ON n.id = s.name_id""",
    "hubs": """
        SELECT h.id, h.code, h.name, h.status, h.capacity, h.floor_area_m2, h.services, h.opened_on, h.address, h.source,
               h.unit_code, h.geometry
          FROM hubs.hub h""",
    # Straight lines alone can be told without a plan; what people walk stands in scenarios, which are an officer's.
    "coverage": """
        SELECT h.id, h.code AS hub_code, h.name AS hub_name, 'straight_line'::text AS metric, 1000::float8 AS limit_m,
               ST_SetSRID(ST_Buffer(ST_SetSRID(h.geometry, 4326)::geography, 1000)::geometry, 4490)::geometry(Polygon, 4490) AS geometry
          FROM hubs.hub h WHERE h.status = 'existing'""",
    "reference_layer": "SELECT * FROM service.reference_layer",
    "data_version": "SELECT layer, sum(version)::bigint AS version FROM service.data_version GROUP BY layer",
}

TABLES = """
-- The service owns no table; a layer for reference is a table of its own, made and dropped here for administrators.
CREATE FUNCTION service.make_reference_table(wanted text, columns jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = reference, public, pg_temp AS $$
DECLARE
    each jsonb;
    fields text := '';
BEGIN
    IF NOT service.has_role('administrator') OR wanted !~ '^layer_[0-9a-f]{32}$' THEN
        RAISE EXCEPTION 'not for this officer' USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOR each IN SELECT * FROM jsonb_array_elements(columns) LOOP
        IF each->>'type' NOT IN ('text', 'bigint', 'double precision', 'boolean', 'date', 'timestamp with time zone',
                                 'jsonb', 'geometry') OR octet_length(each->>'name') NOT BETWEEN 1 AND 63 THEN
            RAISE EXCEPTION 'no column of a reference layer: %', each USING ERRCODE = 'invalid_parameter_value';
        END IF;
        fields := fields || format(', %I %s%s', each->>'name',
            CASE each->>'type' WHEN 'geometry' THEN 'geometry(Geometry, 4490)' ELSE each->>'type' END,
            CASE each->>'type' WHEN 'text' THEN ' COLLATE "C"' ELSE '' END);
    END LOOP;
    EXECUTE format('CREATE TABLE reference.%I (%s)', wanted, ltrim(fields, ', '));
    EXECUTE format('GRANT SELECT, INSERT ON reference.%I TO geo_service', wanted);
END $$;

CREATE FUNCTION service.finish_reference_table(wanted text, key text, shape text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = reference, public, pg_temp AS $$
BEGIN
    IF NOT service.has_role('administrator') OR wanted !~ '^layer_[0-9a-f]{32}$' THEN
        RAISE EXCEPTION 'not for this officer' USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('ALTER TABLE reference.%I ADD PRIMARY KEY (%I)', wanted, key);
    EXECUTE format('CREATE INDEX ON reference.%I USING gist (%I)', wanted, shape);
    EXECUTE format('REVOKE INSERT ON reference.%I FROM geo_service', wanted);
    EXECUTE format('GRANT SELECT ON reference.%I TO geo_reader', wanted);
    EXECUTE format('ANALYZE reference.%I', wanted);
END $$;

CREATE FUNCTION service.drop_reference_table(wanted text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = reference, public, pg_temp AS $$
BEGIN
    IF NOT service.has_role('administrator') OR wanted !~ '^layer_[0-9a-f]{32}$' THEN
        RAISE EXCEPTION 'not for this officer' USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DROP TABLE reference.%I', wanted);
END $$;
"""


def upgrade() -> None:
    for schema in ("published", "reference"):
        op.execute(f"CREATE SCHEMA {schema}")
        op.execute(f"GRANT USAGE ON SCHEMA {schema} TO geo_reader, geo_service")
    _make_register()
    op.execute(TABLES)
    op.execute(ACTING)
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW published.{name} AS {query}")
        op.execute(f"GRANT SELECT ON published.{name} TO geo_reader, geo_service")


def _make_register() -> None:
    op.create_table(
        "reference_layer",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("key_column", sa.Text(), nullable=False),
        sa.Column("geometry_column", sa.Text(), nullable=False),
        sa.Column("geometry_type", sa.Text(), nullable=False),
        sa.Column("columns", pg.JSONB(), nullable=False),
        sa.Column("features", sa.BigInteger(), nullable=False),
        sa.Column("bbox", pg.ARRAY(sa.Float()), nullable=True),
        sa.Column("source_file", sa.Text(), nullable=False),
        sa.Column("source_layer", sa.Text(), nullable=False),
        sa.Column("source_crs", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_reference_layer")),
        sa.UniqueConstraint("table_name", name=op.f("uq_reference_layer_table_name")),
        schema="service",
    )
    grant("service.reference_layer", "SELECT", "INSERT", "DELETE")
    secure("service.reference_layer", writable=ADMINISTRATOR)
    counts_versions("reference", ["service.reference_layer"])


def downgrade() -> None:
    op.execute("DROP SCHEMA published CASCADE")
    op.execute("DROP SCHEMA reference CASCADE")
    for function in (
        "make_reference_table(text, jsonb)",
        "finish_reference_table(text, text, text)",
        "drop_reference_table(text)",
    ):
        op.execute(f"DROP FUNCTION service.{function}")
    op.drop_table("reference_layer", schema="service")
