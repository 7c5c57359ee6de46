"""Avatars: the pictures of users, and which of them is whose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from flask_userkit.models import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "userkit_avatar",
        sa.Column("user_id", types.key_type(48), nullable=False),
        sa.Column("digest", types.key_type(32), nullable=False),
        sa.Column("content", types.content_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["userkit_user.id"], name="fk_userkit_avatar_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_userkit_avatar"),
        sa.UniqueConstraint("digest", name="uq_userkit_avatar_digest"),
    )
    op.add_column("userkit_user", sa.Column("avatar_digest", types.key_type(32), nullable=True))


def downgrade() -> None:
    op.drop_column("userkit_user", "avatar_digest")
    op.drop_table("userkit_avatar")
