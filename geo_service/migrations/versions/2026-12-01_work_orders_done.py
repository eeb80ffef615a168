"""The responsible side of a work order of a joint inspection records that it is done."""

from alembic import op

revision = "0098"
down_revision = "0095"
branch_labels = None
depends_on = None

NAME = "ck_joint_record_kind"


def _kinds(*kinds: str) -> None:
    op.drop_constraint(op.f(NAME), "joint_record", schema="markers")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f(NAME), "joint_record", f"kind IN ({listed})", schema="markers")


def upgrade() -> None:
    _kinds("record", "opinion", "signature", "completion")


def downgrade() -> None:
    _kinds("record", "opinion", "signature")
