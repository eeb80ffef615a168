"""joint papers: what the sides signed in the field, and their drawn signatures, are read by whoever reaches a side."""

import sqlalchemy as sa
from alembic import op

from geo_service.migrations.policies import policy, secure_each
from geo_service.migrations.rights import append_only

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

OF_JOINT = (
    "(SELECT published.reaches_everything()) OR EXISTS (SELECT FROM markers.joint_inspection j "
    "WHERE j.id = joint_id AND j.sides && (SELECT service.reached_codes()))"
)
BEFORE = (
    "(SELECT published.reaches_everything()) OR received_by = (SELECT service.acting_officer()) "
    "OR EXISTS (SELECT FROM markers.inspection_photo p WHERE p.sha256 = photo.sha256) "
    "OR EXISTS (SELECT FROM markers.case_paper p WHERE p.sha256 = photo.sha256)"
)
AFTER = f"{BEFORE} OR EXISTS (SELECT FROM markers.joint_paper p WHERE p.sha256 = photo.sha256)"

KEEP = """
CREATE FUNCTION markers.keep_joint_papers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = markers, pg_temp AS $$
BEGIN
    INSERT INTO joint_paper (record_id, sha256, joint_id)
        SELECT NEW.id, cited, NEW.joint_id FROM markers.cited(NEW.content) AS cited;
    RETURN NULL;
END $$;

CREATE TRIGGER keep_joint_papers AFTER INSERT ON markers.joint_record
    FOR EACH ROW EXECUTE FUNCTION markers.keep_joint_papers();
"""


def upgrade() -> None:
    op.create_table(
        "joint_paper",
        sa.Column("record_id", sa.UUID(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("joint_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["markers.joint_record.id"], name=op.f("fk_joint_paper_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["joint_id"], ["markers.joint_inspection.id"], name=op.f("fk_joint_paper_joint_id")
        ),
        sa.PrimaryKeyConstraint("record_id", "sha256", name=op.f("pk_joint_paper")),
        schema="markers",
    )
    op.create_index("ix_joint_paper_sha256", "joint_paper", ["sha256"], schema="markers")
    op.execute(
        "INSERT INTO markers.joint_paper (record_id, sha256, joint_id) "
        "SELECT r.id, cited, r.joint_id FROM markers.joint_record r, markers.cited(r.content) AS cited"
    )
    append_only("markers.joint_paper")
    op.execute("REVOKE INSERT ON markers.joint_paper FROM geo_service")
    secure_each("markers.joint_paper", select=OF_JOINT)
    op.execute(KEEP)
    op.execute("DROP POLICY may_select ON markers.photo")
    policy("markers.photo", "SELECT", AFTER)


def downgrade() -> None:
    op.execute("DROP POLICY may_select ON markers.photo")
    policy("markers.photo", "SELECT", BEFORE)
    op.execute("DROP TRIGGER keep_joint_papers ON markers.joint_record")
    op.execute("DROP FUNCTION markers.keep_joint_papers")
    op.execute("DROP TABLE markers.joint_paper")
