"""alerts: what stands open of markers is found by index, not by reading all evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_marker_record_flagged",
        "marker_record",
        ["marker_id", "recorded_at"],
        schema="markers",
        postgresql_where=sa.text("kind = 'flagged'"),
    )
    op.create_index(
        "ix_sensor_message_marker_id_received_at",
        "sensor_message",
        ["marker_id", "received_at"],
        schema="markers",
    )


def downgrade() -> None:
    op.drop_index("ix_sensor_message_marker_id_received_at", "sensor_message", schema="markers")
    op.drop_index("ix_marker_record_flagged", "marker_record", schema="markers")
