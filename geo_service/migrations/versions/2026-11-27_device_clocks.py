"""The device's own time of a case event, and how wrong its clock was, for case events and edits."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "case_event", sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True), schema="markers"
    )
    for table in ("case_event", "marker_edit"):
        skew = sa.Column("clock_skew_s", sa.Float(), server_default="0", nullable=False)
        op.add_column(table, skew, schema="markers")


def downgrade() -> None:
    for table in ("case_event", "marker_edit"):
        op.drop_column(table, "clock_skew_s", schema="markers")
    op.drop_column("case_event", "captured_at", schema="markers")
