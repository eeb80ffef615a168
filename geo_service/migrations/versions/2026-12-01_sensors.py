"""sensors: who may send, what was sent, only ever added; an alarm rests on a message of the source that raises it.

The table `alert`, which nothing ever wrote, gives way to `sensor_message`.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo_service.migrations.policies import secure_each
from geo_service.migrations.rights import append_only, grant

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

ACTING_SOURCE = """
CREATE FUNCTION service.acting_source() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('geo.sensor_source', true), '')::uuid
$$
"""
SOURCE = "(SELECT service.acting_source())"
EVERYTHING = "(SELECT published.reaches_everything())"
OF_OFFICE = f"({EVERYTHING} OR unit_code = ANY ((SELECT service.reached_codes())::text[]))"
ADMINISTERS = f"(SELECT service.has_role('administrator')) AND {OF_OFFICE}"
OF_MARKER = (
    f"({EVERYTHING} OR EXISTS (SELECT FROM markers.marker m "
    "WHERE m.id = marker_id AND m.unit_codes && (SELECT service.reached_codes())))"
)
READ = f"CASE WHEN marker_id IS NULL THEN {OF_OFFICE} ELSE {OF_MARKER} END OR source_id = {SOURCE}"
# A source writes under its own name alone, for the office it was made for, and while it has not ended.
OWN = (
    f"source_id = {SOURCE} AND (marker_id IS NULL OR markers.reaches(marker_id)) "
    "AND EXISTS (SELECT FROM markers.sensor_source s "
    "WHERE s.id = source_id AND s.unit_code = sensor_message.unit_code AND s.ended_at IS NULL)"
)
RAISES = f"""
CREATE POLICY may_insert_alarm ON markers.marker_record FOR INSERT TO geo_service WITH CHECK (
    kind = 'flagged' AND content ->> 'flag' = 'sensor_alarm' AND markers.reaches(marker_id)
    AND EXISTS (SELECT FROM markers.sensor_message s WHERE s.id = (marker_record.content ->> 'message')::uuid
                 AND s.marker_id = marker_record.marker_id AND s.source_id = {SOURCE}))
"""
# An alert that somebody did write is evidence: it is not thrown away with its table.
NEVER_WRITTEN = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM markers.alert) THEN
        RAISE EXCEPTION 'markers.alert holds rows: keep them elsewhere before the table is dropped';
    END IF;
END $$
"""
DEVICE = sa.text("btrim(form #>> '{iot,number}'::text[])")


def _instant(name: str, *, needed: bool = False, now: bool = False) -> sa.Column:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not (needed or now))


def upgrade() -> None:
    op.execute(NEVER_WRITTEN)
    op.drop_table("alert", schema="markers")
    op.execute(ACTING_SOURCE)
    _sources()
    _messages()
    op.create_index("ix_marker_device", "marker", [DEVICE], schema="markers")
    op.execute(RAISES)


def _sources() -> None:
    op.create_table(
        "sensor_source",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("previous_secret", sa.Text(), nullable=True),
        _instant("previous_until"),
        sa.Column("created_by", sa.Text(), nullable=False),
        _instant("created_at", now=True),
        _instant("rotated_at"),
        _instant("ended_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sensor_source")),
        schema="markers",
    )
    op.create_index(
        "uq_sensor_source_name",
        "sensor_source",
        ["name"],
        unique=True,
        schema="markers",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    grant("markers.sensor_source", "SELECT", "INSERT", "UPDATE")
    secure_each(
        "markers.sensor_source",
        select=f"id = {SOURCE} OR ({ADMINISTERS})",
        insert=ADMINISTERS,
        update=ADMINISTERS,
    )


def _messages() -> None:
    op.create_table(
        "sensor_message",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("source_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.UUID(), nullable=True),
        sa.Column("unmatched", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=False),
        _instant("captured_at", needed=True),
        _instant("sent_at"),
        _instant("happened_at", needed=True),
        _instant("received_at", needed=True),
        sa.Column("clock_skew_s", sa.Float(), server_default="0", nullable=False),
        sa.Column("codes", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("findings", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "unmatched IN ('no_marker', 'several_markers', 'out_of_reach')",
            name=op.f("ck_sensor_message_unmatched"),
        ),
        sa.CheckConstraint(
            "(marker_id IS NULL) = (unmatched IS NOT NULL)", name=op.f("ck_sensor_message_matched")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["markers.sensor_source.id"], name=op.f("fk_sensor_message_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["marker_id"], ["markers.marker.id"], name=op.f("fk_sensor_message_marker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sensor_message")),
        sa.UniqueConstraint("source_id", "message_id", name="uq_sensor_message_source_id_message_id"),
        schema="markers",
    )
    op.create_index(
        "ix_sensor_message_source_id_received_at",
        "sensor_message",
        ["source_id", "received_at"],
        schema="markers",
    )
    op.create_index(
        "ix_sensor_message_marker_id_device_happened_at",
        "sensor_message",
        ["marker_id", "device", "happened_at"],
        schema="markers",
    )
    op.create_index(
        "ix_sensor_message_unmatched",
        "sensor_message",
        ["device", "received_at"],
        schema="markers",
        postgresql_where=sa.text("marker_id IS NULL"),
    )
    append_only("markers.sensor_message")
    secure_each("markers.sensor_message", select=READ, insert=OWN)


def downgrade() -> None:
    op.execute("DROP POLICY may_insert_alarm ON markers.marker_record")
    op.drop_index("ix_marker_device", "marker", schema="markers")
    op.drop_table("sensor_message", schema="markers")
    op.drop_table("sensor_source", schema="markers")
    op.execute("DROP FUNCTION service.acting_source()")
    op.create_table(
        "alert",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("marker_id", sa.UUID(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message", postgresql.JSONB(), nullable=False),
        _instant("happened_at", needed=True),
        _instant("received_at", now=True),
        sa.ForeignKeyConstraint(["marker_id"], ["markers.marker.id"], name=op.f("fk_alert_marker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        schema="markers",
    )
    op.create_index("ix_alert_marker_id", "alert", ["marker_id"], schema="markers")
    append_only("markers.alert")
    secure_each(
        "markers.alert",
        select=OF_MARKER,
        insert="(SELECT service.has_role('surveyor', 'boundary')) AND markers.reaches(marker_id)",
    )
