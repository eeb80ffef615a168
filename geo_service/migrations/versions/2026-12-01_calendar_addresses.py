"""Secret calendar addresses: tokens of the scope `calendar`, which have no other; one at a time for each officer."""

from alembic import op

revision = "0090"
down_revision = "0082"
branch_labels = None
depends_on = None

SCOPES = "ck_api_token_scopes"
ALONE = "ck_api_token_calendar_alone"
ONE = "uq_api_token_calendar"


def upgrade() -> None:
    op.drop_constraint(op.f(SCOPES), "api_token", schema="service")
    op.create_check_constraint(
        op.f(SCOPES), "api_token", "scopes <@ ARRAY['read', 'field', 'write', 'calendar']", schema="service"
    )
    op.create_check_constraint(
        op.f(ALONE), "api_token", "NOT 'calendar' = ANY (scopes) OR cardinality(scopes) = 1", schema="service"
    )
    op.create_index(
        ONE,
        "api_token",
        ["officer_id"],
        unique=True,
        schema="service",
        postgresql_where="'calendar' = ANY (scopes) AND revoked_at IS NULL",
    )


def downgrade() -> None:
    op.execute("DELETE FROM service.api_token WHERE 'calendar' = ANY (scopes)")
    op.drop_index(ONE, "api_token", schema="service")
    for name in (ALONE, SCOPES):
        op.drop_constraint(op.f(name), "api_token", schema="service")
    op.create_check_constraint(
        op.f(SCOPES), "api_token", "scopes <@ ARRAY['read', 'field', 'write']", schema="service"
    )
