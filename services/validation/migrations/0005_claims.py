"""The order of claims to records that a version repeats or keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "indexed_records", sa.Column("claim", sa.String(length=160), nullable=True), schema="validation"
    )
