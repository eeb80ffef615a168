"""markers counted as they change: a summary reads counts, not markers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from geo_service.migrations.rights import grant

revision = "0060"
down_revision = "0051"
branch_labels = None
depends_on = None

# A day is kept only where it may still lie ahead of somebody's clock: most markers began long ago.
COUNTED = """
INSERT INTO marker_tally (profile, unit_codes, colour, condition, case_stage, begins, ends, number)
SELECT {profile}, {marker}.unit_codes, {colour}, {state}.condition, {state}.case_stage,
       CASE WHEN {marker}.valid_from > current_date - 2 THEN {marker}.valid_from END, {marker}.valid_to, {number}
"""
OF_COLOUR = COUNTED + "FROM marker m JOIN marker_state s ON s.marker_id = m.id WHERE m.id = {row}.marker_id"
OF_STATE = COUNTED + ("FROM marker m JOIN marker_colour c ON c.marker_id = m.id WHERE m.id = {row}.marker_id")
OF_MARKER = COUNTED + (
    "FROM marker_colour c JOIN marker_state s ON s.marker_id = c.marker_id WHERE c.marker_id = {row}.id"
)


def _function(name: str, statement: str, **names: str) -> None:
    def counted(row: str, number: str) -> str:
        return statement.format(
            **{key: text.format(row=row) for key, text in names.items()}, row=row, number=number
        )

    op.execute(f"""
CREATE FUNCTION markers.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = markers, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        {counted("OLD", "-1")};
    END IF;
    IF TG_OP <> 'DELETE' THEN
        {counted("NEW", "1")};
    END IF;
    RETURN NULL;
END $$
""")


def _trigger(table: str, function: str, changes: str) -> None:
    op.execute(
        f"CREATE TRIGGER tally_change AFTER UPDATE ON markers.{table} FOR EACH ROW "
        f"WHEN ({changes}) EXECUTE FUNCTION markers.{function}()"
    )
    if table != "marker":  # nothing is derived yet of a marker that is just put in
        op.execute(
            f"CREATE TRIGGER tally AFTER INSERT OR DELETE ON markers.{table} FOR EACH ROW "
            f"EXECUTE FUNCTION markers.{function}()"
        )


RECOUNT = f"""
CREATE FUNCTION markers.recount_markers() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = markers, pg_temp AS $$
    DELETE FROM marker_tally;
    {COUNTED.format(profile="c.profile", marker="m", colour="c.colour", state="s", number="count(*)")}
      FROM marker m JOIN marker_state s ON s.marker_id = m.id JOIN marker_colour c ON c.marker_id = m.id
     GROUP BY 1, 2, 3, 4, 5, 6, 7;
    UPDATE marker_tally SET folded = true;
$$
"""


def upgrade() -> None:
    op.create_table(
        "marker_tally",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("unit_codes", ARRAY(sa.Text), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("colour", "condition", "case_stage")),
        sa.Column("begins", sa.Date),
        sa.Column("ends", sa.Date),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("folded", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marker_tally")),
        schema="markers",
    )
    op.create_index(
        "ix_marker_tally_loose",
        "marker_tally",
        ["id"],
        schema="markers",
        postgresql_where=sa.text("NOT folded"),
    )
    op.create_index("ix_marker_tally_profile", "marker_tally", ["profile"], schema="markers")
    grant("markers.marker_tally", "SELECT", "INSERT", "DELETE")
    _function(
        "tally_colour", OF_COLOUR, profile="{row}.profile", marker="m", colour="{row}.colour", state="s"
    )
    _function("tally_state", OF_STATE, profile="c.profile", marker="m", colour="c.colour", state="{row}")
    _function("tally_marker", OF_MARKER, profile="c.profile", marker="{row}", colour="c.colour", state="s")
    _trigger("marker_colour", "tally_colour", "OLD.colour <> NEW.colour")
    _trigger(
        "marker_state", "tally_state", "(OLD.condition, OLD.case_stage) <> (NEW.condition, NEW.case_stage)"
    )
    _trigger(
        "marker",
        "tally_marker",
        "(OLD.unit_codes, OLD.valid_from, OLD.valid_to) IS DISTINCT FROM (NEW.unit_codes, NEW.valid_from, NEW.valid_to)",
    )
    op.execute(RECOUNT)
    op.execute("SELECT markers.recount_markers()")


def downgrade() -> None:
    for table in ("marker", "marker_state", "marker_colour"):
        op.execute(f"DROP TRIGGER IF EXISTS tally ON markers.{table}")
        op.execute(f"DROP TRIGGER tally_change ON markers.{table}")
    for function in ("tally_colour", "tally_state", "tally_marker", "recount_markers"):
        op.execute(f"DROP FUNCTION markers.{function}()")
    op.drop_table("marker_tally", schema="markers")
