"""Security: what a session's browser is, who may delete their account, copies of people's data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from flask_userkit.models import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("browser", "system"):
        op.add_column("userkit_session", sa.Column(column, sa.String(32), nullable=True))
    op.create_index("ix_userkit_session_ended_at", "userkit_session", ["ended_at"])
    op.add_column(
        "userkit_user",
        sa.Column("delete_self_enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column("userkit_user", sa.Column("device_key", sa.String(32), nullable=True))
    op.create_index("ix_userkit_event_actor_id", "userkit_event", ["actor_id"])
    _create_data_exports()


def downgrade() -> None:
    op.drop_table("userkit_data_export_chunk")
    op.drop_table("userkit_data_export")
    op.drop_index("ix_userkit_event_actor_id", "userkit_event")
    op.drop_column("userkit_user", "device_key")
    op.drop_column("userkit_user", "delete_self_enabled")
    op.drop_index("ix_userkit_session_ended_at", "userkit_session")
    for column in ("system", "browser"):
        op.drop_column("userkit_session", column)


def _create_data_exports() -> None:
    op.create_table(
        "userkit_data_export",
        sa.Column("id", types.key_type(types.ID_LENGTH), nullable=False),
        sa.Column("user_id", types.key_type(types.ID_LENGTH), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("ready_at", types.UtcDateTime(), nullable=True),
        sa.Column("expire_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["userkit_user.id"],
            name="fk_userkit_data_export_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_data_export"),
        sa.UniqueConstraint("user_id", name="uq_userkit_data_export_user_id"),
    )
    op.create_index("ix_userkit_data_export_expire_at", "userkit_data_export", ["expire_at"])
    op.create_table(
        "userkit_data_export_chunk",
        sa.Column("export_id", types.key_type(types.ID_LENGTH), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", types.content_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["userkit_data_export.id"],
            name="fk_userkit_data_export_chunk_export_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("export_id", "number", name="pk_userkit_data_export_chunk"),
    )
