"""requests for data name the unit they are for and the paper that asks; who asked takes the link himself."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0071"
branch_labels = None
depends_on = None

TABLE = "service.release_request"
REVIEWER = (
    "((SELECT service.has_role('boundary', 'administrator')) AND service.reaches_code(unit_code)) "
    "OR link_hash = (SELECT service.shown_secret())"
)
# What somebody else approved, and nothing before that: nobody brings his own request further than its link.
OWN_APPROVED = "(requested_by = (SELECT service.acting_officer()) AND state = 'approved')"


def _may_update(condition: str) -> None:
    op.execute(f"ALTER POLICY may_update ON {TABLE} USING ({condition}) WITH CHECK ({condition})")


def upgrade() -> None:
    op.add_column("release_request", sa.Column("ground_code", sa.Text(), nullable=True), schema="service")
    op.add_column("release_request", sa.Column("document_id", sa.UUID(), nullable=True), schema="service")
    op.create_foreign_key(
        op.f("fk_release_request_document_id"),
        "release_request",
        "document",
        ["document_id"],
        ["id"],
        source_schema="service",
        referent_schema="service",
    )
    _may_update(f"{REVIEWER} OR {OWN_APPROVED}")


def downgrade() -> None:
    _may_update(REVIEWER)
    for column in ("document_id", "ground_code"):
        op.drop_column("release_request", column, schema="service")
