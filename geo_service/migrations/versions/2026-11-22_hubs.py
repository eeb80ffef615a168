"""hubs, the demand they serve, road networks, presets and scenarios."""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo_service.migrations.policies import secure, secure_each
from geo_service.migrations.rights import append_only, counts_versions, grant, open_schema, writable

revision = "0010"
down_revision = "0004"
branch_labels = None
depends_on = None

# The operator, who has the machine's shell, loads what a planner's office keeps.
PLANNER = "(SELECT service.has_role('planner') OR service.acting_officer() = 'operator')"
AN_OFFICER = "(SELECT service.acting_officer() <> 'public')"
OF_OFFICE = f"{PLANNER} AND service.reaches_code(unit_code)"

# A hub belongs to every unit that its place lies in: whoever reaches one of them may act on it. The row's own
# unit_code is for showing, so that nobody moves a hub by calling its place another one.
REACHES_PLACE = """
CREATE FUNCTION hubs.reaches_place(place public.geometry) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = boundaries, public, pg_temp AS $$
    SELECT '*' = ANY (service.jurisdictions()) OR EXISTS (
        SELECT FROM administrative_unit u
         WHERE u.geometry && place AND ST_Covers(u.geometry, place) AND u.valid_to IS NULL
           AND service.reaches_unit(u.unit_id))
$$;
"""


def _point() -> sa.Column:
    kind = geoalchemy2.types.Geometry("POINT", srid=4490, spatial_index=False)
    return sa.Column("geometry", kind, nullable=False)


def _recorded() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
    )


def _changed_at() -> sa.Column:
    return sa.Column(
        "changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _id(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint]:
    return sa.Column("id", sa.UUID(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    open_schema("hubs")
    _hubs()
    _demand()
    _networks_and_presets()
    _scenarios()
    op.execute(REACHES_PLACE)
    _secure()
    counts_versions("hubs", ["hubs.hub"])


def _hubs() -> None:
    statuses = "status IN ('existing', 'planned', 'candidate', 'excluded')"
    op.create_table(
        "hub",
        *_id("hub"),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        _point(),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("floor_area_m2", sa.Float(), nullable=True),
        sa.Column("services", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=True),
        *_recorded(),
        _changed_at(),
        sa.CheckConstraint(statuses, name=op.f("ck_hub_status")),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name=op.f("ck_hub_capacity")),
        sa.CheckConstraint("floor_area_m2 IS NULL OR floor_area_m2 >= 0", name=op.f("ck_hub_floor_area")),
        schema="hubs",
    )
    op.create_index("uq_hub_code", "hub", ["code"], unique=True, schema="hubs")
    op.create_index("ix_hub_geometry", "hub", ["geometry"], schema="hubs", postgresql_using="gist")


def _demand() -> None:
    op.create_table(
        "demand_set",
        *_id("demand_set"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("population_groups", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=True),
        *_recorded(),
        schema="hubs",
    )
    op.create_table(
        "demand_point",
        *_id("demand_point"),
        sa.Column("set_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        _point(),
        sa.Column("weights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"], ["hubs.demand_set.id"], name=op.f("fk_demand_point_set_id"), ondelete="CASCADE"
        ),
        schema="hubs",
    )
    op.create_index(
        "uq_demand_point_set_id_code", "demand_point", ["set_id", "code"], unique=True, schema="hubs"
    )
    op.create_index(
        "ix_demand_point_geometry", "demand_point", ["geometry"], schema="hubs", postgresql_using="gist"
    )


def _networks_and_presets() -> None:
    op.create_table(
        "road_network",
        *_id("road_network"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("plane", sa.Text(), nullable=False),
        sa.Column("file_id", sa.UUID(), nullable=False),
        sa.Column(
            "extent", geoalchemy2.types.Geometry("POLYGON", srid=4490, spatial_index=False), nullable=False
        ),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=True),
        *_recorded(),
        schema="hubs",
    )
    op.create_table(
        "file_piece",
        sa.Column("file_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_file_piece")),
        schema="hubs",
    )
    op.execute("ALTER TABLE hubs.file_piece ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "radius_preset",
        *_id("radius_preset"),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("radius_m", sa.Float(), nullable=False),
        sa.Column("minutes", sa.Float(), nullable=True),
        sa.Column("speed_m_s", sa.Float(), nullable=True),
        sa.Column("population_group", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        *_recorded(),
        sa.CheckConstraint("radius_m > 0", name=op.f("ck_radius_preset_radius")),
        schema="hubs",
    )
    op.create_index(
        "uq_radius_preset_code_unit_code",
        "radius_preset",
        ["code", "unit_code"],
        unique=True,
        schema="hubs",
    )


def _scenarios() -> None:
    op.create_table(
        "scenario",
        *_id("scenario"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("limit_m", sa.Float(), nullable=False),
        sa.Column("network_id", sa.UUID(), nullable=True),
        sa.Column("demand_set_id", sa.UUID(), nullable=True),
        sa.Column("hubs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        *_recorded(),
        _changed_at(),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("metric IN ('walking', 'straight_line')", name=op.f("ck_scenario_metric")),
        sa.CheckConstraint("limit_m > 0", name=op.f("ck_scenario_limit")),
        sa.ForeignKeyConstraint(
            ["network_id"], ["hubs.road_network.id"], name=op.f("fk_scenario_network_id")
        ),
        sa.ForeignKeyConstraint(
            ["demand_set_id"], ["hubs.demand_set.id"], name=op.f("fk_scenario_demand_set_id")
        ),
        schema="hubs",
    )
    op.create_table(
        "scenario_step",
        *_id("scenario_step"),
        sa.Column("scenario_id", sa.UUID(), nullable=False),
        sa.Column("change", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        *_recorded(),
        schema="hubs",
    )
    op.create_index("ix_scenario_step_scenario_id", "scenario_step", ["scenario_id"], schema="hubs")


def _secure() -> None:
    writable("hubs.hub")
    place = f"{PLANNER} AND hubs.reaches_place(geometry)"
    secure("hubs.hub", writable=place)
    for table in ("demand_set", "road_network"):
        grant(f"hubs.{table}", "SELECT", "INSERT", "DELETE")
        secure_each(f"hubs.{table}", select=AN_OFFICER, insert=OF_OFFICE, delete=OF_OFFICE)
    grant("hubs.demand_point", "SELECT", "INSERT", "DELETE")
    of_set = f"{PLANNER} AND set_id IN (SELECT d.id FROM hubs.demand_set d WHERE service.reaches_code(d.unit_code))"
    secure_each("hubs.demand_point", select=AN_OFFICER, insert=of_set, delete=of_set)
    grant("hubs.file_piece", "SELECT", "INSERT", "DELETE")
    secure_each("hubs.file_piece", select=AN_OFFICER, insert=PLANNER, delete=PLANNER)
    writable("hubs.radius_preset")
    secure("hubs.radius_preset", writable=OF_OFFICE)
    writable("hubs.scenario")
    secure("hubs.scenario", readable=AN_OFFICER, writable=OF_OFFICE)
    append_only("hubs.scenario_step")
    of_scenario = f"{PLANNER} AND recorded_by = (SELECT service.acting_officer())"
    secure_each("hubs.scenario_step", select=AN_OFFICER, insert=of_scenario)


def downgrade() -> None:
    op.execute("DROP SCHEMA hubs CASCADE")
    op.execute("DELETE FROM service.data_version WHERE layer = 'hubs'")
