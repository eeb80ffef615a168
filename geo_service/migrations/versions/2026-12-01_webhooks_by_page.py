"""webhooks are paused and go on, their secret is changed with both valid for a day, and one worker at a time has a message."""

import sqlalchemy as sa
from alembic import op

revision = "0106"
down_revision = "0105"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.Column("former_secret", sa.Text(), nullable=True),
        sa.Column("former_secret_until", INSTANT, nullable=True),
    ):
        op.add_column("webhook", column, schema="service")
    op.add_column("webhook_delivery", sa.Column("taken_until", INSTANT, nullable=True), schema="service")
    op.create_index(
        "ix_webhook_delivery_waiting",
        "webhook_delivery",
        ["next_attempt_at"],
        schema="service",
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_index("ix_webhook_delivery_waiting", "webhook_delivery", schema="service")
    op.drop_column("webhook_delivery", "taken_until", schema="service")
    for column in ("former_secret_until", "former_secret", "paused_at"):
        op.drop_column("webhook", column, schema="service")
