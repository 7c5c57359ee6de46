"""Phone numbers: whose they are, what proves them, and until when an account is locked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from flask_userkit.models import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

POINTERS = (
    ("userkit_user", "primary_phone_number_id", "SET NULL"),
    ("userkit_verification", "phone_number_id", "CASCADE"),
)


def upgrade() -> None:
    op.create_table(
        "userkit_phone_number",
        sa.Column("id", types.key_type(types.ID_LENGTH), nullable=False),
        sa.Column("user_id", types.key_type(types.ID_LENGTH), nullable=False),
        sa.Column("phone_number", types.key_type(types.PHONE_LENGTH), nullable=False),
        sa.Column("verified_key", types.key_type(types.PHONE_LENGTH), nullable=True),
        sa.Column("verified_at", types.UtcDateTime(), nullable=True),
        sa.Column("reserved_for_second_factor", sa.Boolean(), nullable=False),
        sa.Column("default_second_factor", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["userkit_user.id"],
            name="fk_userkit_phone_number_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_phone_number"),
        sa.UniqueConstraint(
            "user_id", "phone_number", name="uq_userkit_phone_number_user_id_phone_number"
        ),
        sa.UniqueConstraint("verified_key", name="uq_userkit_phone_number_verified_key"),
    )
    op.create_index(
        "ix_userkit_phone_number_phone_number", "userkit_phone_number", ["phone_number"]
    )
    for table, column, action in POINTERS:
        _add_pointer(table, column, action)
    op.add_column("userkit_user", sa.Column("locked_until", types.UtcDateTime(), nullable=True))
    with op.batch_alter_table("userkit_sign_up") as sign_up:
        sign_up.alter_column(
            "email_address",
            existing_type=types.text_type(types.ADDRESS_LENGTH),
            nullable=True,
        )
        sign_up.add_column(
            sa.Column("phone_number", types.key_type(types.PHONE_LENGTH), nullable=True)
        )
        for column in ("email_address_verified_at", "phone_number_verified_at"):
            sign_up.add_column(sa.Column(column, types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM userkit_sign_up WHERE email_address IS NULL")
    with op.batch_alter_table("userkit_sign_up") as sign_up:
        for column in ("phone_number", "email_address_verified_at", "phone_number_verified_at"):
            sign_up.drop_column(column)
        sign_up.alter_column(
            "email_address",
            existing_type=types.text_type(types.ADDRESS_LENGTH),
            nullable=False,
        )
    op.drop_column("userkit_user", "locked_until")
    for table, column, _action in POINTERS:
        _drop_pointer(table, column)
    op.drop_table("userkit_phone_number")


def _add_pointer(table: str, column: str, action: str) -> None:
    with op.batch_alter_table(table) as changed:
        changed.add_column(sa.Column(column, types.key_type(types.ID_LENGTH), nullable=True))
        changed.create_foreign_key(
            f"fk_{table}_{column}", "userkit_phone_number", [column], ["id"], ondelete=action
        )
        changed.create_index(f"ix_{table}_{column}", [column])


def _drop_pointer(table: str, column: str) -> None:
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(f"fk_{table}_{column}", type_="foreignkey")
        changed.drop_index(f"ix_{table}_{column}")
        changed.drop_column(column)
