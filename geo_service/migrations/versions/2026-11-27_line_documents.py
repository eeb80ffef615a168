"""line documents: other marks of a line, the counts that its documents state, the consent to another year."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from geo_service.migrations.policies import secure_each
from geo_service.migrations.rights import append_only, grant

revision = "0070"
down_revision = "0062"
branch_labels = None
depends_on = None

READ = "(SELECT published.reaches_everything()) OR sides && (SELECT service.reached_codes())"
WRITE = "(SELECT service.has_role('boundary')) AND service.reaches_any_code(sides)"


def upgrade() -> None:
    op.add_column("joint_inspection", sa.Column("consent", sa.Text(), nullable=True), schema="markers")
    op.create_table(
        "other_mark",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("line_code", sa.Text(), nullable=False),
        sa.Column("sides", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("geometry", Geometry("POINT", srid=4490, spatial_index=False), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("end_document", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_other_mark_valid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_mark")),
        sa.UniqueConstraint("line_code", "code", name="uq_other_mark_line_code"),
        schema="markers",
    )
    op.create_table(
        "line_count",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("line_code", sa.Text(), nullable=False),
        sa.Column("sides", sa.ARRAY(sa.Text()), nullable=False),
        *(sa.Column(kind, sa.Integer(), nullable=True) for kind in ("total", "single", "double", "triple")),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_count")),
        schema="markers",
    )
    op.create_index("ix_line_count_line_code", "line_count", ["line_code"], schema="markers")
    grant("markers.other_mark", "SELECT", "INSERT", "UPDATE")
    secure_each("markers.other_mark", select=READ, insert=WRITE, update=WRITE)
    append_only("markers.line_count")
    secure_each("markers.line_count", select=READ, insert=WRITE)


def downgrade() -> None:
    op.drop_table("line_count", schema="markers")
    op.drop_table("other_mark", schema="markers")
    op.drop_column("joint_inspection", "consent", schema="markers")
