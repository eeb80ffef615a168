"""edits decided: a reviewer's word on two offline changes of the same field, kept beside both."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo_service.migrations.policies import secure_each
from geo_service.migrations.rights import append_only

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

TABLE = "markers.marker_edit_decision"
READ = (
    "(SELECT published.reaches_everything()) OR EXISTS (SELECT FROM markers.marker m "
    "WHERE m.id = marker_id AND m.unit_codes && (SELECT service.reached_codes()))"
)


def upgrade() -> None:
    op.create_table(
        "marker_edit_decision",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("edit_id", sa.UUID(), nullable=False),
        sa.Column("marker_id", sa.UUID(), nullable=False),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edit_id"], ["markers.marker_edit.id"], name=op.f("fk_marker_edit_decision_edit_id")
        ),
        sa.ForeignKeyConstraint(
            ["marker_id"], ["markers.marker.id"], name=op.f("fk_marker_edit_decision_marker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marker_edit_decision")),
        sa.UniqueConstraint("edit_id", name="uq_marker_edit_decision_edit_id"),
        schema="markers",
    )
    op.create_index(
        "ix_marker_edit_decision_marker_id", "marker_edit_decision", ["marker_id"], schema="markers"
    )
    op.create_index(
        "ix_marker_edit_waiting",
        "marker_edit",
        ["recorded_at", "id"],
        schema="markers",
        postgresql_where=sa.text("NOT applied"),
    )
    append_only(TABLE)
    secure_each(
        TABLE, select=READ, insert="(SELECT service.has_role('boundary')) AND markers.reaches(marker_id)"
    )


def downgrade() -> None:
    op.drop_index("ix_marker_edit_waiting", "marker_edit", schema="markers")
    op.drop_table("marker_edit_decision", schema="markers")
