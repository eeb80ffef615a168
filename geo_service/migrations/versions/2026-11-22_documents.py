"""documents and what they are linked to: added to only, read by the offices that they concern."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo_service.migrations.policies import secure_each
from geo_service.migrations.rights import append_only
from geo_service.migrations.subjects import BOUNDARY_SUBJECTS, extend_reach

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TYPES = (
    "agreement", "agreement_map", "approval", "application", "consent", "result_table", "registration_form",
    "inspection_report", "plan", "minutes", "notice", "detailed_map", "photo", "other",
)  # fmt: skip
SUBJECT_KINDS = ("unit", "line", "marker", "change", "proposal")

# Nobody comes to read a paper by linking it to a subject of their own. A function, because the policies of
# both tables would otherwise ask each other.
READS_DOCUMENT = """
CREATE FUNCTION service.reads_document(wanted uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = service, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM document d WHERE d.id = wanted AND (
            d.recorded_by = service.acting_officer() OR service.reaches_any_code(d.office_codes)
            OR EXISTS (SELECT FROM document_link l WHERE l.document_id = d.id
                          AND service.reaches_subject(l.subject_kind, l.subject_id))))
$$;
"""


def _one_of(column: str, codes: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"


def _recorded() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("archive_place", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("office_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        *_recorded(),
        sa.CheckConstraint(_one_of("type", TYPES), name=op.f("ck_document_type")),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_document_sha256")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_document_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        schema="service",
    )
    op.create_index("ix_document_recorded_at_id", "document", ["recorded_at", "id"], schema="service")
    op.create_index("ix_document_sha256", "document", ["sha256"], schema="service")
    op.create_table(
        "document_link",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        *_recorded(),
        sa.CheckConstraint(
            _one_of("subject_kind", SUBJECT_KINDS), name=op.f("ck_document_link_subject_kind")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["service.document.id"], name=op.f("fk_document_link_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_link")),
        sa.UniqueConstraint(
            "document_id",
            "subject_kind",
            "subject_id",
            name=op.f("uq_document_link_document_id_subject_kind_subject_id"),
        ),
        schema="service",
    )
    op.create_index(
        "ix_document_link_subject_kind_subject_id",
        "document_link",
        ["subject_kind", "subject_id"],
        schema="service",
    )
    for table in ("document", "document_link"):
        append_only(f"service.{table}")
    extend_reach(BOUNDARY_SUBJECTS)
    op.execute(READS_DOCUMENT)
    _secure()


def _secure() -> None:
    mine = "recorded_by = (SELECT service.acting_officer())"
    recorder = "(SELECT service.has_role('boundary', 'surveyor', 'naming', 'planner'))"
    secure_each(
        "service.document_link",
        select=f"{mine} OR service.reaches_subject(subject_kind, subject_id)",
        insert=f"{mine} AND {recorder} AND service.reaches_subject(subject_kind, subject_id) "
        "AND service.reads_document(document_id)",
    )
    secure_each(
        "service.document",
        select=f"{mine} OR service.reaches_any_code(office_codes) "
        "OR EXISTS (SELECT FROM service.document_link l WHERE l.document_id = document.id)",
        insert=f"{mine} AND {recorder} AND office_codes @> (SELECT service.jurisdictions()) "
        "AND office_codes <@ (SELECT service.jurisdictions())",
    )


def downgrade() -> None:
    op.execute("DROP TABLE service.document_link, service.document")
    op.execute("DROP FUNCTION service.reads_document, service.reaches_subject")
