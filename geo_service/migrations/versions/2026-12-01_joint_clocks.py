"""When a record of a joint inspection was made, by its device and put right, beside when it was received."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0099"
branch_labels = None
depends_on = None

TABLE = "joint_record"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name, kind in (("captured_at", INSTANT), ("happened_at", INSTANT), ("device", sa.Text())):
        op.add_column(TABLE, sa.Column(name, kind, nullable=True), schema="markers")
    skew = sa.Column("clock_skew_s", sa.Float(), server_default="0", nullable=False)
    op.add_column(TABLE, skew, schema="markers")
    # evidence refuses every UPDATE; a column that is new takes its first values as it is rewritten
    op.alter_column(
        TABLE,
        "happened_at",
        type_=INSTANT,
        postgresql_using="recorded_at",
        nullable=False,
        schema="markers",
    )


def downgrade() -> None:
    for name in ("clock_skew_s", "device", "happened_at", "captured_at"):
        op.drop_column(TABLE, name, schema="markers")
