"""documents of markers and proposals: papers are read by whoever the marker or the proposal concerns."""

from geo_service.migrations.subjects import BOUNDARY_SUBJECTS, extend_reach

revision = "0015"
down_revision = "0011"
branch_labels = None
depends_on = None

PROPOSAL = (
    "EXISTS (SELECT FROM naming.proposal p WHERE p.id::text = subject AND service.reaches_code(p.unit_code))"
)
MARKER = "markers.reaches(subject::uuid)"


def upgrade() -> None:
    extend_reach({**BOUNDARY_SUBJECTS, "proposal": PROPOSAL, "marker": MARKER})


def downgrade() -> None:
    extend_reach({**BOUNDARY_SUBJECTS, "proposal": PROPOSAL})
