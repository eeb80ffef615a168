"""layers for reference by officers: a title and a look of their own, removal that can be undone, uploads on their way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from geo_service.migrations.policies import secure_each
from geo_service.migrations.rights import grant

revision = "0105"
down_revision = "0101"
branch_labels = None
depends_on = None

KEEPERS = "(SELECT service.has_role('administrator', 'boundary'))"
ADMINISTRATOR = "(SELECT service.has_role('administrator'))"
OWN = f"{KEEPERS} AND recorded_by = (SELECT service.acting_officer())"
OF_OWN = f"{KEEPERS} AND EXISTS (SELECT FROM service.reference_upload u WHERE u.id = upload_id)"
SEEN = (
    "name, table_name, key_column, geometry_column, geometry_type, columns, features, bbox, source_file, source_layer, "
    "source_crs, sha256, recorded_at, recorded_by"
)
MAKERS = (
    "make_reference_table(text, jsonb)",
    "finish_reference_table(text, text, text)",
    "drop_reference_table(text)",
)

# Who asks is not asked: only what nobody can get back any more goes.
FORGET = """
CREATE FUNCTION service.forget_reference_material() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = service, pg_temp AS $$
DECLARE
    gone text;
    count integer := 0;
BEGIN
    DELETE FROM reference_upload WHERE recorded_at < now() - interval '1 day';
    FOR gone IN DELETE FROM reference_layer WHERE removed_at < now() - interval '7 days' RETURNING table_name LOOP
        EXECUTE format('DROP TABLE reference.%I', gone);
        count := count + 1;
    END LOOP;
    RETURN count;
END $$
"""


def upgrade() -> None:
    table = {"table_name": "reference_layer", "schema": "service"}
    op.add_column(
        column=sa.Column(
            "id", pg.UUID(as_uuid=True), server_default=sa.text("gen_random_uuid()"), nullable=False
        ),
        **table,
    )
    op.add_column(column=sa.Column("title", sa.Text(), nullable=True), **table)
    op.add_column(
        column=sa.Column("style", pg.JSONB(), server_default=sa.text("'{}'"), nullable=False), **table
    )
    op.add_column(column=sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True), **table)
    op.add_column(column=sa.Column("removed_by", sa.Text(), nullable=True), **table)
    op.execute("UPDATE service.reference_layer SET title = name")
    op.alter_column(column_name="title", nullable=False, **table)
    op.alter_column(column_name="id", server_default=None, **table)
    op.drop_constraint(op.f("pk_reference_layer"), **table)
    op.create_primary_key(op.f("pk_reference_layer"), "reference_layer", ["id"], schema="service")
    op.create_index(
        "uq_reference_layer_name_shown", "reference_layer", ["name"], unique=True, schema="service",
        postgresql_where=sa.text("removed_at IS NULL"),
    )  # fmt: skip
    grant("service.reference_layer", "UPDATE")
    _kept_by(KEEPERS, "service.has_role('administrator')", "service.has_role('administrator', 'boundary')")
    op.execute(
        f"CREATE OR REPLACE VIEW published.reference_layer AS SELECT {SEEN}, title FROM service.reference_layer "
        "WHERE removed_at IS NULL"
    )
    _make_uploads()
    op.execute(FORGET)


def _kept_by(condition: str, before: str, after: str) -> None:
    """Let other roles keep layers: in the policies, and in the functions that make and drop their tables."""
    uses = {"insert": "WITH CHECK", "delete": "USING"}
    for command, clause in uses.items():
        op.execute(f"ALTER POLICY may_{command} ON service.reference_layer {clause} ({condition})")
    op.execute(
        f"ALTER POLICY may_update ON service.reference_layer USING ({condition}) WITH CHECK ({condition})"
    )
    for function in MAKERS:
        op.execute(
            f"DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('service.{function}'::regprocedure), "
            f"$a${before}$a$, $b${after}$b$); END $do$"
        )


def _make_uploads() -> None:
    op.create_table(
        "reference_upload",
        sa.Column("id", pg.UUID(as_uuid=True), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_upload")),
        schema="service",
    )
    op.create_table(
        "reference_upload_piece",
        sa.Column("upload_id", pg.UUID(as_uuid=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["service.reference_upload.id"], ondelete="CASCADE",
            name=op.f("fk_reference_upload_piece_upload_id_reference_upload"),
        ),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_reference_upload_piece")),
        schema="service",
    )  # fmt: skip
    op.execute("ALTER TABLE service.reference_upload_piece ALTER COLUMN content SET STORAGE EXTERNAL")
    for name, condition in {"reference_upload": OWN, "reference_upload_piece": OF_OWN}.items():
        grant(f"service.{name}", "SELECT", "INSERT", "DELETE")
        secure_each(f"service.{name}", select=condition, insert=condition, delete=condition)


def downgrade() -> None:
    op.execute("DROP FUNCTION service.forget_reference_material()")
    for name in ("reference_upload_piece", "reference_upload"):
        op.drop_table(name, schema="service")
    op.execute(
        "DO $$ DECLARE gone text; BEGIN "
        "FOR gone IN DELETE FROM service.reference_layer WHERE removed_at IS NOT NULL RETURNING table_name LOOP "
        "EXECUTE format('DROP TABLE reference.%I', gone); END LOOP; END $$"
    )
    _kept_by(
        ADMINISTRATOR, "service.has_role('administrator', 'boundary')", "service.has_role('administrator')"
    )
    op.execute("REVOKE UPDATE ON service.reference_layer FROM geo_service")
    op.execute("DROP VIEW published.reference_layer")
    table = {"table_name": "reference_layer", "schema": "service"}
    op.drop_index("uq_reference_layer_name_shown", **table)
    op.drop_constraint(op.f("pk_reference_layer"), **table)
    for column in ("removed_by", "removed_at", "style", "title", "id"):
        op.drop_column(column_name=column, **table)
    op.create_primary_key(op.f("pk_reference_layer"), "reference_layer", ["name"], schema="service")
    op.execute("CREATE VIEW published.reference_layer AS SELECT * FROM service.reference_layer")
    op.execute("GRANT SELECT ON published.reference_layer TO geo_reader, geo_service")
