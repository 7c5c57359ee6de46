"""Connected accounts: whose they are, and what a flow keeps while a provider is asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from flask_userkit.models import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "userkit_external_account",
        sa.Column("id", types.key_type(types.ID_LENGTH), nullable=False),
        sa.Column("user_id", types.key_type(types.ID_LENGTH), nullable=False),
        sa.Column("provider", types.key_type(24), nullable=False),
        sa.Column("issuer", types.key_type(255), nullable=False),
        sa.Column("provider_user_id", types.key_type(255), nullable=False),
        sa.Column("email_address", types.text_type(types.ADDRESS_LENGTH), nullable=True),
        sa.Column("username", types.text_type(100), nullable=True),
        sa.Column("first_name", types.text_type(100), nullable=True),
        sa.Column("last_name", types.text_type(100), nullable=True),
        sa.Column("image_url", types.long_text_type(), nullable=True),
        sa.Column("approved_scopes", types.long_text_type(), nullable=False),
        sa.Column("access_token", types.long_text_type(), nullable=True),
        sa.Column("refresh_token", types.long_text_type(), nullable=True),
        sa.Column("token_expire_at", types.UtcDateTime(), nullable=True),
        sa.Column("refresh_lease_expire_at", types.UtcDateTime(), nullable=True),
        sa.Column("error_code", sa.String(64), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["userkit_user.id"],
            name="fk_userkit_external_account_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_external_account"),
        sa.UniqueConstraint(
            "provider",
            "issuer",
            "provider_user_id",
            name="uq_userkit_external_account_provider_issuer_provider_user_id",
        ),
    )
    op.create_index("ix_userkit_external_account_user_id", "userkit_external_account", ["user_id"])
    for table in ("userkit_verification", "userkit_sign_up"):
        op.add_column(table, sa.Column("payload", types.long_text_type(), nullable=True))
    op.add_column(
        "userkit_user", sa.Column("disconnected_providers", types.json_type(), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("userkit_user", "disconnected_providers")
    for table in ("userkit_sign_up", "userkit_verification"):
        op.drop_column(table, "payload")
    op.drop_table("userkit_external_account")
