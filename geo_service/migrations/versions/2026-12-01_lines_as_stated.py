"""How a line is called and how long it is by its documents, where that is not what the outlines give."""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("boundary_line", sa.Column("stated_name", sa.Text(), nullable=True), schema="boundaries")
    op.add_column(
        "boundary_line", sa.Column("stated_length_m", sa.Float(), nullable=True), schema="boundaries"
    )


def downgrade() -> None:
    for name in ("stated_length_m", "stated_name"):
        op.drop_column("boundary_line", name, schema="boundaries")
