"""The foundation: users, addresses, browsers, sessions, codes, events, outbox and limits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from flask_userkit.models import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "userkit_sign_up",
    "userkit_sign_in",
    "userkit_verification",
    "userkit_session",
    "userkit_email_address",
    "userkit_user",
    "userkit_outbox_message",
    "userkit_limit_hit",
    "userkit_event",
    "userkit_client",
)
POINTERS = (
    ("userkit_user", "primary_email_address_id", "userkit_email_address"),
    ("userkit_client", "active_session_id", "userkit_session"),
)


def upgrade() -> None:
    op.create_table(
        "userkit_client",
        sa.Column("id", types.key_type(48), nullable=False),
        sa.Column("token_digest", types.digest_type(), nullable=False),
        sa.Column("active_session_id", types.key_type(48), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["active_session_id"],
            ["userkit_session.id"],
            name="fk_userkit_client_active_session_id",
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_client"),
        sa.UniqueConstraint("token_digest", name="uq_userkit_client_token_digest"),
    )
    op.create_index("ix_userkit_client_active_session_id", "userkit_client", ["active_session_id"])
    op.create_index("ix_userkit_client_updated_at", "userkit_client", ["updated_at"])
    op.create_table(
        "userkit_event",
        sa.Column("id", types.key_type(48), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("user_id", types.key_type(48), nullable=True),
        sa.Column("actor_id", types.key_type(48), nullable=True),
        sa.Column("session_id", types.key_type(48), nullable=True),
        sa.Column("ip_address", sa.String(length=45), nullable=True),
        sa.Column("user_agent", types.text_type(512), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("data", types.json_type(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_event"),
    )
    op.create_index("ix_userkit_event_created_at_id", "userkit_event", ["created_at", "id"])
    op.create_index("ix_userkit_event_user_id_id", "userkit_event", ["user_id", "id"])
    op.create_table(
        "userkit_limit_hit",
        sa.Column("key", types.digest_type(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("expire_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_userkit_limit_hit"),
    )
    op.create_index("ix_userkit_limit_hit_expire_at", "userkit_limit_hit", ["expire_at"])
    op.create_table(
        "userkit_outbox_message",
        sa.Column("id", types.key_type(48), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("user_id", types.key_type(48), nullable=True),
        sa.Column("payload", types.long_text_type(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", types.UtcDateTime(), nullable=False),
        sa.Column("lease", types.key_type(48), nullable=True),
        sa.Column("done_at", types.UtcDateTime(), nullable=True),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.String(length=255), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_outbox_message"),
    )
    op.create_index(
        "ix_userkit_outbox_message_done_at_available_at",
        "userkit_outbox_message",
        ["done_at", "available_at"],
    )
    op.create_index("ix_userkit_outbox_message_user_id", "userkit_outbox_message", ["user_id"])
    op.create_table(
        "userkit_user",
        sa.Column("id", types.key_type(48), nullable=False),
        sa.Column("external_id", types.key_type(255), nullable=True),
        sa.Column("username", types.text_type(64), nullable=True),
        sa.Column("username_key", types.key_type(64), nullable=True),
        sa.Column("first_name", types.text_type(100), nullable=True),
        sa.Column("last_name", types.text_type(100), nullable=True),
        sa.Column("password_digest", types.key_type(255), nullable=True),
        sa.Column("password_updated_at", types.UtcDateTime(), nullable=True),
        sa.Column("primary_email_address_id", types.key_type(48), nullable=True),
        sa.Column("public_metadata", types.json_type(), nullable=False),
        sa.Column("private_metadata", types.json_type(), nullable=False),
        sa.Column("unsafe_metadata", types.json_type(), nullable=False),
        sa.Column("banned", sa.Boolean(), nullable=False),
        sa.Column("last_sign_in_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["primary_email_address_id"],
            ["userkit_email_address.id"],
            name="fk_userkit_user_primary_email_address_id",
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_user"),
        sa.UniqueConstraint("external_id", name="uq_userkit_user_external_id"),
        sa.UniqueConstraint("username_key", name="uq_userkit_user_username_key"),
    )
    op.create_index("ix_userkit_user_created_at_id", "userkit_user", ["created_at", "id"])
    op.create_index(
        "ix_userkit_user_primary_email_address_id", "userkit_user", ["primary_email_address_id"]
    )
    op.create_table(
        "userkit_email_address",
        sa.Column("id", types.key_type(48), nullable=False),
        sa.Column("user_id", types.key_type(48), nullable=False),
        sa.Column("email_address", types.text_type(254), nullable=False),
        sa.Column("email_key", types.key_type(254), nullable=False),
        sa.Column("verified_key", types.key_type(254), nullable=True),
        sa.Column("verified_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["userkit_user.id"],
            name="fk_userkit_email_address_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_email_address"),
        sa.UniqueConstraint(
            "user_id", "email_key", name="uq_userkit_email_address_user_id_email_key"
        ),
        sa.UniqueConstraint("verified_key", name="uq_userkit_email_address_verified_key"),
    )
    op.create_index("ix_userkit_email_address_email_key", "userkit_email_address", ["email_key"])
    op.create_table(
        "userkit_session",
        sa.Column("id", types.key_type(48), nullable=False),
        sa.Column("user_id", types.key_type(48), nullable=False),
        sa.Column("client_id", types.key_type(48), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("strategy", sa.String(length=32), nullable=False),
        sa.Column("ip_address", sa.String(length=45), nullable=True),
        sa.Column("user_agent", types.text_type(512), nullable=True),
        sa.Column("last_active_at", types.UtcDateTime(), nullable=False),
        sa.Column("expire_at", types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["userkit_client.id"],
            name="fk_userkit_session_client_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["userkit_user.id"], name="fk_userkit_session_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_session"),
    )
    op.create_index("ix_userkit_session_client_id", "userkit_session", ["client_id"])
    op.create_index("ix_userkit_session_expire_at", "userkit_session", ["expire_at"])
    op.create_index(
        "ix_userkit_session_user_id_status_last_active_at",
        "userkit_session",
        ["user_id", "status", "last_active_at"],
    )
    op.create_table(
        "userkit_verification",
        sa.Column("id", types.key_type(48), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("strategy", sa.String(length=32), nullable=False),
        sa.Column("client_id", types.key_type(48), nullable=False),
        sa.Column("user_id", types.key_type(48), nullable=True),
        sa.Column("address", types.text_type(254), nullable=False),
        sa.Column("code_digest", types.digest_type(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("expire_at", types.UtcDateTime(), nullable=False),
        sa.Column("consumed_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["userkit_client.id"],
            name="fk_userkit_verification_client_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["userkit_user.id"],
            name="fk_userkit_verification_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_verification"),
    )
    op.create_index("ix_userkit_verification_client_id", "userkit_verification", ["client_id"])
    op.create_index("ix_userkit_verification_expire_at", "userkit_verification", ["expire_at"])
    op.create_index(
        "ix_userkit_verification_user_id_purpose", "userkit_verification", ["user_id", "purpose"]
    )
    op.create_table(
        "userkit_sign_in",
        sa.Column("id", types.key_type(48), nullable=False),
        sa.Column("client_id", types.key_type(48), nullable=False),
        sa.Column("user_id", types.key_type(48), nullable=True),
        sa.Column("identifier", types.text_type(254), nullable=False),
        sa.Column("verification_id", types.key_type(48), nullable=False),
        sa.Column("return_to", types.long_text_type(), nullable=True),
        sa.Column("expire_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["userkit_client.id"],
            name="fk_userkit_sign_in_client_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["userkit_user.id"], name="fk_userkit_sign_in_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["userkit_verification.id"],
            name="fk_userkit_sign_in_verification_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_sign_in"),
    )
    op.create_index("ix_userkit_sign_in_client_id", "userkit_sign_in", ["client_id"])
    op.create_index("ix_userkit_sign_in_expire_at", "userkit_sign_in", ["expire_at"])
    op.create_index("ix_userkit_sign_in_user_id", "userkit_sign_in", ["user_id"])
    op.create_index("ix_userkit_sign_in_verification_id", "userkit_sign_in", ["verification_id"])
    op.create_table(
        "userkit_sign_up",
        sa.Column("id", types.key_type(48), nullable=False),
        sa.Column("client_id", types.key_type(48), nullable=False),
        sa.Column("email_address", types.text_type(254), nullable=False),
        sa.Column("username", types.text_type(64), nullable=True),
        sa.Column("first_name", types.text_type(100), nullable=True),
        sa.Column("last_name", types.text_type(100), nullable=True),
        sa.Column("password_digest", types.key_type(255), nullable=True),
        sa.Column("unsafe_metadata", types.json_type(), nullable=False),
        sa.Column("verification_id", types.key_type(48), nullable=False),
        sa.Column("return_to", types.long_text_type(), nullable=True),
        sa.Column("expire_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["userkit_client.id"],
            name="fk_userkit_sign_up_client_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["userkit_verification.id"],
            name="fk_userkit_sign_up_verification_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_userkit_sign_up"),
    )
    op.create_index("ix_userkit_sign_up_client_id", "userkit_sign_up", ["client_id"])
    op.create_index("ix_userkit_sign_up_expire_at", "userkit_sign_up", ["expire_at"])
    op.create_index("ix_userkit_sign_up_verification_id", "userkit_sign_up", ["verification_id"])

    if op.get_bind().dialect.name != "sqlite":
        # The two pointers go round in a circle; SQLite has them in its tables.
        for table, column, target in POINTERS:
            op.create_foreign_key(
                f"fk_{table}_{column}", table, target, [column], ["id"], ondelete="SET NULL"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for table, column, _target in POINTERS:
            op.drop_constraint(f"fk_{table}_{column}", table, type_="foreignkey")
    for table in TABLES:
        op.drop_table(table)
