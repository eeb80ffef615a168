"""How the alternatives of a proposal are read, as a person confirmed it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0095"
down_revision = "0091"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "proposal",
        sa.Column("alternative_readings", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        schema="naming",
    )


def downgrade() -> None:
    op.drop_column("proposal", "alternative_readings", schema="naming")
