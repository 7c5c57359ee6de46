"""Reverification: when a session's factors were proven, forms that wait for it, whose code it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from flask_userkit.models import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("first_factor_verified_at", "second_factor_verified_at"):
        op.add_column("userkit_session", sa.Column(column, types.UtcDateTime(), nullable=True))
    with op.batch_alter_table("userkit_verification") as verification:
        verification.add_column(
            sa.Column("email_address_id", types.key_type(types.ID_LENGTH), nullable=True)
        )
        verification.create_foreign_key(
            "fk_userkit_verification_email_address_id",
            "userkit_email_address",
            ["email_address_id"],
            ["id"],
            ondelete="CASCADE",
        )
        verification.create_index(
            "ix_userkit_verification_email_address_id", ["email_address_id"]
        )
    op.create_table(
        "userkit_suspended_form",
        sa.Column("id", types.key_type(types.ID_LENGTH), nullable=False),
        sa.Column("session_id", types.key_type(types.ID_LENGTH), nullable=False),
        sa.Column("action", sa.String(128), nullable=False),
        sa.Column("fields", types.long_text_type(), nullable=False),
        sa.Column("expire_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["userkit_session.id"],
            name="fk_userkit_suspended_form_session_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_suspended_form"),
    )
    for column in ("session_id", "expire_at"):
        op.create_index(
            f"ix_userkit_suspended_form_{column}", "userkit_suspended_form", [column]
        )


def downgrade() -> None:
    op.drop_table("userkit_suspended_form")
    with op.batch_alter_table("userkit_verification") as verification:
        verification.drop_constraint(
            "fk_userkit_verification_email_address_id", type_="foreignkey"
        )
        verification.drop_index("ix_userkit_verification_email_address_id")
        verification.drop_column("email_address_id")
    for column in ("first_factor_verified_at", "second_factor_verified_at"):
        op.drop_column("userkit_session", column)
