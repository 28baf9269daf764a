"""Carried needs with refs as long as files may have them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite, which has no schemas, copies the table.
    schema = None if op.get_bind().dialect.name == "sqlite" else "entry"
    with op.batch_alter_table("carried_needs", schema=schema) as table:
        for name, is_nullable in (("ref", False), ("into", True)):
            table.alter_column(
                name, type_=sa.Text(), existing_type=sa.String(100), existing_nullable=is_nullable
            )
