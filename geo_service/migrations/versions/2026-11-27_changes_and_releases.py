"""the change feed of the layers, webhooks that tell of it, and requests for data that are released once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo_service.migrations.policies import secure_each
from geo_service.migrations.rights import grant

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

LAYERS = {
    "units": ("boundaries.administrative_unit", "code"),
    "lines": ("boundaries.boundary_line", "line_code"),
    "markers": ("markers.marker", "code"),
    "names": ("naming.name", "id"),
    "hubs": ("hubs.hub", "code"),
}

# A set is what one transaction changed. Its place in the feed is given when the transaction commits, under a lock that is
# held until it has committed: whoever reads place 7 has read all that will ever stand before it. Sequence numbers alone would
# not do, for a transaction that began first may commit last.
FUNCTIONS = """
CREATE FUNCTION service.place_change_set() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = service, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('service.change_set'));
    UPDATE change_set SET committed_at = clock_timestamp(),
           place = (SELECT coalesce(max(place), 0) + 1 FROM change_set) WHERE id = NEW.id;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER place_change_set AFTER INSERT ON service.change_set DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION service.place_change_set();

CREATE FUNCTION service.current_change_set() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = service, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    SELECT id INTO found FROM change_set WHERE transaction = pg_current_xact_id()::text AND place IS NULL;
    IF found IS NULL THEN
        INSERT INTO change_set (transaction) VALUES (pg_current_xact_id()::text) RETURNING id INTO found;
    END IF;
    RETURN found;
END $$;

CREATE FUNCTION service.note_changes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = service, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        EXECUTE format('INSERT INTO service.change (set_id, layer, subject, code, kind) '
                       'SELECT service.current_change_set(), $1, id, (%I)::text, $2 FROM changed', TG_ARGV[1])
          USING TG_ARGV[0], CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END;
    END IF;
    RETURN NULL;
END $$;
"""
# What is on record before the feed begins is its first set, so that whoever reads from the beginning has the whole layer.
BEGINNING = """
INSERT INTO service.change (set_id, layer, subject, code, kind)
SELECT service.current_change_set(), '{layer}', id, ({key})::text, 'added' FROM {table}
"""

ADMINISTRATOR = "(SELECT service.has_role('administrator'))"
OF_OFFICE = "service.reaches_code(unit_code)"
READER = f"(SELECT service.has_role('boundary', 'administrator', 'auditor')) AND {OF_OFFICE}"
REVIEWER = f"(SELECT service.has_role('boundary', 'administrator')) AND {OF_OFFICE}"
OWN = "requested_by = (SELECT service.acting_officer())"
SHOWN = "link_hash = (SELECT service.shown_secret())"


def _instant(name: str, *, now: bool = False) -> sa.Column:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def _key(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint]:
    return sa.Column("id", sa.UUID(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    _feed()
    _webhooks()
    _releases()


def _feed() -> None:
    op.create_table(
        "change_set",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("transaction", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        _instant("committed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_set")),
        schema="service",
    )
    op.create_index("uq_change_set_place", "change_set", ["place"], unique=True, schema="service")
    op.create_index("ix_change_set_transaction", "change_set", ["transaction"], schema="service")
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("set_id", sa.BigInteger(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("subject", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('added', 'changed', 'removed')", name=op.f("ck_change_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        schema="service",
    )
    op.create_index("ix_change_set_id_layer_id", "change", ["set_id", "layer", "id"], schema="service")
    op.execute(FUNCTIONS)
    for layer, (table, key) in LAYERS.items():
        op.execute(BEGINNING.format(layer=layer, key=key, table=table))
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER note_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed "
                f"FOR EACH STATEMENT EXECUTE FUNCTION service.note_changes('{layer}', '{key}')"
            )
    # What the database already holds has its place before the tables are altered.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute("SET CONSTRAINTS ALL DEFERRED")
    for table in ("change_set", "change"):
        grant(f"service.{table}", "SELECT")
        secure_each(f"service.{table}", select="true")


def _webhooks() -> None:
    op.create_table(
        "webhook",
        *_key("webhook"),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("layers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("told_to", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        _instant("created_at", now=True),
        _instant("ended_at"),
        schema="service",
    )
    op.create_table(
        "webhook_delivery",
        *_key("webhook_delivery"),
        sa.Column("webhook_id", sa.UUID(), nullable=False),
        sa.Column("after_place", sa.BigInteger(), nullable=False),
        sa.Column("to_place", sa.BigInteger(), nullable=False),
        sa.Column("layers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answered", sa.Integer(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        _instant("created_at", now=True),
        _instant("next_attempt_at"),
        _instant("ended_at"),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'failed')", name=op.f("ck_webhook_delivery_state")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["service.webhook.id"], name=op.f("fk_webhook_delivery_webhook_id")
        ),
        schema="service",
    )
    op.create_index("ix_webhook_delivery_webhook_id", "webhook_delivery", ["webhook_id"], schema="service")
    for table in ("webhook", "webhook_delivery"):
        grant(f"service.{table}", "SELECT", "INSERT", "UPDATE")
        secure_each(f"service.{table}", select=ADMINISTRATOR, insert=ADMINISTRATOR, update=ADMINISTRATOR)


def _releases() -> None:
    op.create_table(
        "release_request",
        *_key("release_request"),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("bbox", postgresql.ARRAY(sa.Float()), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), server_default="requested", nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        _instant("requested_at", now=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        _instant("reviewed_at"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=True),
        _instant("expires_at"),
        _instant("downloaded_at"),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'refused', 'downloaded')",
            name=op.f("ck_release_request_state"),
        ),
        sa.CheckConstraint("reviewed_by <> requested_by", name=op.f("ck_release_request_other_officer")),
        schema="service",
    )
    op.create_index(
        "uq_release_request_link_hash", "release_request", ["link_hash"], unique=True, schema="service"
    )
    grant("service.release_request", "SELECT", "INSERT", "UPDATE")
    secure_each(
        "service.release_request",
        select=f"{OWN} OR ({READER}) OR {SHOWN}",
        insert=OWN,
        update=f"({REVIEWER}) OR {SHOWN}",
    )


def downgrade() -> None:
    for table, _ in LAYERS.values():
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS note_{event} ON {table}")
    for table in ("release_request", "webhook_delivery", "webhook", "change", "change_set"):
        op.execute(f"DROP TABLE service.{table}")
    for function in ("note_changes", "current_change_set", "place_change_set"):
        op.execute(f"DROP FUNCTION service.{function}()")
