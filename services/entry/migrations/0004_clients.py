"""Clients of reporters, their secrets and keys, and who may act for whom."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
