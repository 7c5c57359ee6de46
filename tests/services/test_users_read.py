"""Users are found by what they own, a page at a time."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from tests.rig.clock import Clock
from tests.rig.queries import Queries
from tests.services.support import refused

pytestmark = pytest.mark.usefixtures("backend")
NOWHERE = ["", "user_0", "\0", "user_\0", "\ud800", "é" * 100_000, "' OR 1=1 --", "%"]


@pytest.fixture
def users(userkit: UserKit[User], clock: Clock) -> dict[str, str]:
    """Five users, a minute apart but for the last two; some without a name."""
    names = {"ada": "Ada", "bea": None, "cyd": "Cyd", "dot": "Ada", "eve": None}
    ids = {}
    for name, first_name in names.items():
        clock.tick(60 if name != "eve" else 0)
        user = userkit.users.create_user(
            email_address=[f"{name}@example.com", f"{name}@work.example"],
            username=f"{name}_{name}",
            first_name=first_name,
            external_id=f"crm-{name}",
        )
        ids[name] = user.id
    return ids


def find(userkit: UserKit[User], users: dict[str, str], **how: t.Any) -> list[str]:
    names = {user_id: name for name, user_id in users.items()}
    return [names[user.id] for user in userkit.users.get_user_list(**how).data]


@pytest.mark.parametrize("user_id", NOWHERE, ids=lambda value: ascii(value)[:20])
def test_there_is_no_user_where_no_row_can_be(userkit: UserKit[User], user_id: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: userkit.users.get_user(user_id),
        lambda: userkit.users.update_user(user_id, first_name="Eve"),
        lambda: userkit.users.update_user(user_id, password="correct horse battery"),
        lambda: userkit.users.ban_user(user_id),
        lambda: userkit.users.unban_user(user_id),
        lambda: userkit.users.delete_user(user_id),
    ]
    for call in calls:
        with refused("resource_not_found"):
            call()
    for name in ("user_id", "username", "external_id"):
        wanted: dict[str, t.Any] = {name: [user_id]}
        assert userkit.users.get_user_list(**wanted).data == []


def test_a_user_is_read_as_the_database_has_it(
    userkit: UserKit[User], users: dict[str, str]
) -> None:
    user = userkit.users.get_user(users["ada"])
    assert user.first_name == "Ada"
    assert [email.email_address for email in user.email_addresses] == [
        "ada@example.com",
        "ada@work.example",
    ]
    with userkit.transaction():
        first = userkit.users.get_user(users["ada"])
        userkit.users.update_user(users["ada"], first_name="Augusta")
        assert first.first_name == userkit.users.get_user(users["ada"]).first_name == "Augusta"


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"email_address": ["ADA@example.com"]}, {"ada"}),
        ({"email_address": ["ada@work.example", "bea@example.com"]}, {"ada", "bea"}),
        ({"email_address": ["nobody@example.com"]}, set()),
        ({"username": ["ADA_ADA", "eve_eve"]}, {"ada", "eve"}),
        ({"external_id": ["crm-cyd", "CRM-ADA"]}, {"cyd"}),
        ({"username": ["ada_ada"], "email_address": ["bea@example.com"]}, set()),
        ({"username": ["ada_ada"], "external_id": ["crm-ada"]}, {"ada"}),
    ],
)
def test_users_are_found_by_each_identifier(
    userkit: UserKit[User], users: dict[str, str], how: dict[str, t.Any], found: set[str]
) -> None:
    assert set(find(userkit, users, **how)) == found
    assert userkit.users.get_user_list(**how).total_count == len(found)
    assert set(find(userkit, users, user_id=list(users.values()), **how)) == found


def test_who_merely_claims_an_address_is_not_found_by_it(
    userkit: UserKit[User], users: dict[str, str]
) -> None:
    with userkit.transaction() as db:
        claim = EmailAddress(id="idn_claim", user_id=users["eve"], created_at=userkit.clock())
        claim.email_address = claim.email_key = "claimed@example.com"
        db.add(claim)
    assert find(userkit, users, email_address=["claimed@example.com"]) == []


def test_the_newest_come_first_and_the_order_can_be_chosen(
    userkit: UserKit[User], users: dict[str, str]
) -> None:
    newest = ["eve", "dot", "cyd", "bea", "ada"]
    assert find(userkit, users) == newest
    assert find(userkit, users, order_by="created_at") == newest[::-1]
    assert find(userkit, users, order_by="+username") == sorted(users)
    for order in ("first_name", "-first_name", "last_sign_in_at", "-updated_at", "last_name"):
        assert sorted(find(userkit, users, order_by=order)) == sorted(users)


@pytest.mark.parametrize("order", ["-created_at", "first_name", "-last_sign_in_at", "last_name"])
def test_pages_have_everybody_once_also_where_values_are_equal_or_missing(
    userkit: UserKit[User], users: dict[str, str], order: str
) -> None:
    pages = [
        find(userkit, users, order_by=order, limit=2, offset=offset) for offset in (0, 2, 4, 6)
    ]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert sorted(name for page in pages for name in page) == sorted(users)
    assert userkit.users.get_user_list(limit=1, offset=9).total_count == len(users)


@pytest.mark.parametrize(
    ("how", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": -1}, "limit"),
        ({"limit": 501}, "limit"),
        ({"offset": -1}, "limit"),
        ({"offset": 10**30}, "limit"),
        ({"order_by": "password_digest"}, "order_by"),
        ({"order_by": "--created_at"}, "order_by"),
        ({"order_by": "created_at; DROP TABLE userkit_user"}, "order_by"),
        ({"order_by": ""}, "order_by"),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    userkit: UserKit[User], how: dict[str, t.Any], param: str
) -> None:
    with refused("form_param_value_invalid", param):
        userkit.users.get_user_list(**how)


def test_a_page_costs_as_many_queries_as_one_user(
    userkit: UserKit[User],
    users: dict[str, str],
    query_counter: Callable[[], AbstractContextManager[Queries]],
) -> None:
    with query_counter() as one:
        userkit.users.get_user_list(limit=1)
    with query_counter() as all_of_them:
        listed = userkit.users.get_user_list(limit=500)
    assert len(listed.data) == len(users)
    assert len(one) == len(all_of_them)
