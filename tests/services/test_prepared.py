"""A read by the driver's own cursor is the same as one through SQLAlchemy, but for its time."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from flask_userkit import UserKit
from flask_userkit.models import Client
from flask_userkit.models import EmailAddress
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.security.tokens import new_token
from flask_userkit.security.tokens import token_digest
from flask_userkit.services.kit import Kit
from flask_userkit.services.prepared import PreparedRead
from tests.rig.queries import count_queries
from tests.services.acts import Post
from tests.services.acts import Signed
from tests.services.acts import sign_up

pytestmark = pytest.mark.usefixtures("backend")

#: A column of every type that there is, one of them empty.
STATEMENT = (
    select(
        User.id,
        User.first_name,
        User.last_name,
        User.banned,
        User.created_at,
        User.public_metadata,
        Client.token_digest,
        EmailAddress.email_address,
    )
    .select_from(Client)
    .join(Session, Session.id == Client.active_session_id)
    .join(User, User.id == Session.user_id)
    .outerjoin(EmailAddress, EmailAddress.id == User.primary_email_address_id)
    .where(Client.token_digest == bindparam("digest"), Session.status == "active")
)


@pytest.fixture
def ada(userkit: UserKit[User], post: Post) -> Signed:
    ada = sign_up(userkit, post)
    with userkit.transaction() as db:
        user = db.get_one(User, ada.signed_in.user_id)
        user.first_name, user.public_metadata = "Ada 🦋", {"plan": ["a", 1, None]}
    return ada


def test_every_type_comes_back_as_sqlalchemy_gives_it(kit: Kit, ada: Signed) -> None:
    values = {"digest": token_digest(ada.signed_in.token)}
    with kit.database.reading() as connection:
        read = PreparedRead(STATEMENT).first(connection, values)
        through = connection.execute(STATEMENT, values).one()
    assert read is not None
    assert list(read) == list(through)
    assert [type(value) for value in read] == [type(value) for value in through]
    assert read[1] == "Ada 🦋"
    assert read[4].tzinfo is not None


def test_no_row_is_none(kit: Kit, ada: Signed) -> None:
    with kit.database.reading() as connection:
        values = {"digest": token_digest(new_token())}
        assert PreparedRead(STATEMENT).first(connection, values) is None


def test_who_counts_statements_sees_this_one(kit: Kit, ada: Signed) -> None:
    values = {"digest": token_digest(ada.signed_in.token)}
    with kit.database.reading() as connection:
        unseen = PreparedRead(STATEMENT).first(connection, values)
        with count_queries() as queries:
            seen = PreparedRead(STATEMENT).first(connection, values)
    assert len(queries) == 1
    assert unseen is not None
    assert seen is not None
    assert list(seen) == list(unseen)


def test_an_error_is_sqlalchemys_and_the_connection_goes_on(kit: Kit, ada: Signed) -> None:
    nowhere = PreparedRead(select(text("1")).select_from(text("userkit_nowhere")))
    with kit.database.reading() as connection:
        with pytest.raises(DBAPIError):
            nowhere.first(connection, {})
        values = {"digest": token_digest(ada.signed_in.token)}
        assert PreparedRead(STATEMENT).first(connection, values) is not None


def test_nothing_stays_checked_out(kit: Kit, ada: Signed) -> None:
    values = {"digest": token_digest(ada.signed_in.token)}
    with kit.database.reading() as connection:
        PreparedRead(STATEMENT).first(connection, values)
    assert "Current Checked out connections: 0" in kit.database.engine.pool.status()
