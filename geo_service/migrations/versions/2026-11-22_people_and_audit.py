"""people and audit: officers, sessions, tokens, the chained audit, and row-level security."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo_service.migrations.policies import install_functions, remove_functions, secure, secure_each
from geo_service.migrations.rights import append_only, grant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "audit_entry",
    "provider_attempt",
    "sign_in_attempt",
    "one_time_link",
    "api_token",
    "sign_in_session",
    "officer",
)
SECURED = (
    "boundaries.administrative_unit",
    "boundaries.unit_outline",
    "boundaries.boundary_line",
    "boundaries.tripoint",
    "boundaries.unit_change",
    "boundaries.unit_succession",
    "service.job",
)


def upgrade() -> None:
    _officers()
    _secrets()
    _attempts()
    _audit()
    install_functions()
    _rights()
    _secure_people()
    _secure_boundaries()


def _instant(name: str, *, now: bool = False, nullable: bool = False) -> sa.Column:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def _officers() -> None:
    op.create_table(
        "officer",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("username_key", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("oidc_subject", sa.Text(), nullable=True),
        sa.Column("oidc_username", sa.Text(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("jurisdictions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), server_default="zh-CN", nullable=False),
        sa.Column("demonstration", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _instant("disabled_at", nullable=True),
        _instant("created_at", now=True),
        sa.CheckConstraint(
            "roles <@ ARRAY['administrator', 'boundary', 'surveyor', 'planner', 'naming', 'committee', 'auditor']",
            name=op.f("ck_officer_roles"),
        ),
        sa.CheckConstraint("cardinality(jurisdictions) > 0", name=op.f("ck_officer_jurisdictions")),
        sa.CheckConstraint(
            "username_key NOT IN ('operator', 'worker', 'public')", name=op.f("ck_officer_username_free")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
        sa.UniqueConstraint("username_key", name=op.f("uq_officer_username_key")),
        sa.UniqueConstraint("oidc_subject", name=op.f("uq_officer_oidc_subject")),
        sa.UniqueConstraint("oidc_username", name=op.f("uq_officer_oidc_username")),
        schema="service",
    )


def _secret_table(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("officer_id", sa.UUID(), nullable=False),
        _instant("created_at", now=True),
        _instant("expires_at"),
        *columns,
        sa.ForeignKeyConstraint(["officer_id"], ["service.officer.id"], name=op.f(f"fk_{name}_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("secret_hash", name=op.f(f"uq_{name}_secret_hash")),
        schema="service",
    )


def _secrets() -> None:
    _secret_table(
        "sign_in_session",
        _instant("last_seen_at", now=True),
        _instant("ended_at", nullable=True),
        sa.Column("address", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
    )
    _secret_table(
        "api_token",
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        _instant("last_used_at", nullable=True),
        _instant("revoked_at", nullable=True),
        sa.CheckConstraint("scopes <@ ARRAY['read', 'field', 'write']", name=op.f("ck_api_token_scopes")),
    )
    _secret_table("one_time_link", _instant("used_at", nullable=True))
    for table in ("sign_in_session", "api_token"):
        op.create_index(f"ix_{table}_officer_id", table, ["officer_id"], schema="service")


def _attempts() -> None:
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("address", postgresql.INET(), nullable=True),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        _instant("at", now=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
        schema="service",
    )
    for column in ("account", "address"):
        name = f"ix_sign_in_attempt_{column}_at"
        op.create_index(name, "sign_in_attempt", [column, "at"], schema="service")
    op.create_table(
        "provider_attempt",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("code_verifier", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("next_page", sa.Text(), nullable=False),
        _instant("expires_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_attempt")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_provider_attempt_state_hash")),
        schema="service",
    )


def _audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        _instant("at", now=True),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("address", postgresql.INET(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("before_digest", sa.LargeBinary(), nullable=True),
        sa.Column("after_digest", sa.LargeBinary(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
        schema="service",
    )
    for columns in (["subject_kind", "subject_id"], ["at"], ["officer"]):
        op.create_index(f"ix_audit_entry_{'_'.join(columns)}", "audit_entry", columns, schema="service")


def _rights() -> None:
    grant("service.officer", "SELECT", "INSERT", "UPDATE")
    grant("service.sign_in_session", "SELECT", "INSERT", "UPDATE", "DELETE")
    grant("service.api_token", "SELECT", "INSERT", "UPDATE")
    grant("service.one_time_link", "SELECT", "INSERT", "UPDATE")
    grant("service.sign_in_attempt", "SELECT", "INSERT", "DELETE")
    grant("service.provider_attempt", "SELECT", "INSERT", "DELETE")
    append_only("service.audit_entry")
    op.execute("REVOKE DELETE ON service.job FROM geo_service")


ME = "(SELECT service.acting_id())"
ADMINISTRATOR = "(SELECT service.has_role('administrator'))"
WORKER = "(SELECT service.acting_officer() = 'worker')"
BOUNDARY = "(SELECT service.has_role('boundary'))"
SHOWN = "secret_hash = (SELECT service.shown_secret())"
THEIRS = f"{ADMINISTRATOR} AND EXISTS (SELECT FROM service.officer o WHERE o.id = officer_id)"


def _secure_people() -> None:
    administered = f"{ADMINISTRATOR} AND service.reaches_every_code(jurisdictions)"
    signing_in = "(SELECT service.shown_account()) IN (username_key, oidc_subject, oidc_username)"
    secure_each(
        "service.officer",
        select=f"id = {ME} OR {signing_in} OR {WORKER} OR ({administered})",
        insert=administered,
        update=f"id = {ME} OR ({administered})",
    )
    own = f"officer_id = {ME} OR {SHOWN} OR ({THEIRS})"
    secure("service.sign_in_session", readable=own, writable=own)
    secure_each("service.api_token", select=own, insert=f"officer_id = {ME} OR ({THEIRS})", update=own)
    secure_each(
        "service.one_time_link",
        select=f"{SHOWN} OR ({THEIRS})",
        insert=THEIRS,
        update=f"{SHOWN} OR ({THEIRS})",
    )
    secure_each(
        "service.audit_entry",
        select="(SELECT service.has_role('administrator', 'auditor'))",
        insert="officer = (SELECT service.acting_officer())",
    )
    mine = f"created_by = (SELECT service.acting_officer()) OR {WORKER}"
    secure_each(
        "service.job", select=mine, insert="created_by = (SELECT service.acting_officer())", update=mine
    )


def _secure_boundaries() -> None:
    secure(
        "boundaries.administrative_unit",
        writable=f"{BOUNDARY} AND service.reaches_version(unit_id, parent_id, code)",
    )
    secure("boundaries.unit_outline", writable=f"{BOUNDARY} AND service.reaches_version_key(version_id)")
    secure("boundaries.boundary_line", writable=f"{BOUNDARY} AND service.reaches_any_unit(unit_ids)")
    secure("boundaries.tripoint", writable=f"{BOUNDARY} AND service.reaches_any_code(unit_codes)")
    everywhere = "(SELECT '*' = ANY (service.jurisdictions()))"
    secure_each(
        "boundaries.unit_change",
        select="true",
        insert=f"{BOUNDARY} AND ({everywhere} OR recorded_by = (SELECT service.acting_officer()))",
    )
    secure_each(
        "boundaries.unit_succession",
        select="true",
        insert=f"{BOUNDARY} AND service.reaches_version_key(successor_id)",
    )


def downgrade() -> None:
    for table in SECURED:
        for command in ("select", "insert", "update", "delete"):
            op.execute(f"DROP POLICY IF EXISTS may_{command} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("GRANT DELETE ON service.job TO geo_service")
    remove_functions()
    for table in TABLES:
        op.execute(f"DROP TABLE service.{table}")
