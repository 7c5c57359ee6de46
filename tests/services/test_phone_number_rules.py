"""Which phone numbers people may have, how many, and how often they may ask (B55)."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flask_userkit import UserKit
from flask_userkit.errors import NotAllowedError
from flask_userkit.models import PhoneNumber
from flask_userkit.models import User
from flask_userkit.services import own_identifiers
from flask_userkit.services.identity import Identity
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_number
from tests.services.acts import PASSWORD
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import let_in
from tests.services.acts import sign_in
from tests.services.address_acts import CODE
from tests.services.address_acts import add
from tests.services.address_acts import listed
from tests.services.address_acts import mails_to
from tests.services.address_acts import own
from tests.services.address_acts import remove
from tests.services.address_acts import resend
from tests.services.address_acts import set_primary
from tests.services.address_acts import verify
from tests.services.address_acts import who
from tests.services.kinds import UNLIMITED
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
IMMUTABLE = "immutable_attribute_modification_not_allowed"
NO_NUMBER = "This is not a phone number. Choose the country, or begin with a plus sign."
NO_MESSAGES = "This number takes no text messages. Use that of a mobile phone."
OTHER_COUNTRY = "Numbers of this country cannot be used here."


class Set(t.NamedTuple):
    """A kit with settings of its own, and somebody whom the app made, signed in."""

    userkit: Kits
    post: Post
    ada: Identity


Opened = t.Callable[..., t.ContextManager[Set]]


@pytest.fixture
def opened(make_app: MakeApp) -> Opened:
    @contextmanager
    def opened(**settings: t.Any) -> Iterator[Set]:
        given = {"phone_number": "optional", "rate_limits": UNLIMITED, **settings}
        named = {f"USERKIT_{name.upper()}": value for name, value in given.items()}
        app = make_app(USERKIT_OUTBOX="worker", **named)
        with app.app_context():
            userkit = t.cast(Kits, app.extensions["userkit"])
            yield Set(userkit, Post(userkit.kit), another(userkit, "ada"))

    return opened


def another(userkit: Kits, name: str) -> Identity:
    address = f"{name}@example.com"
    userkit.users.create_user(email_address=[address], password=PASSWORD)
    return who(userkit, sign_in(userkit, address, PASSWORD).token)


def add_number(userkit: Kits, identity: Identity, typed: str, country: str | None = None) -> str:
    with userkit.transaction() as db:
        return own_identifiers.create(db, PHONE_NUMBER, identity, typed, country)


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("+49 1512 3456789", "US", "+4915123456789"),
        ("01512 3456789", "DE", "+4915123456789"),
        ("01512 3456789", "de", "+4915123456789"),
        ("00 49 1512 3456789", "AT", "+4915123456789"),
        ("(650) 253-0000", "US", "+16502530000"),
        ("  +44 (0)7400 123.456 ", None, "+447400123456"),
        ("\u0660\u0661\u0665\u0661\u0662 345 6789", "DE", "+4915123456789"),
        ("\uff0b\u0664\u06691512 345 6789", None, "+4915123456789"),
        ("\u202a+4915123456789\u202c", None, "+4915123456789"),
        ("tel:+4915123456789", None, "+4915123456789"),
    ],
    ids=ascii,
)
def test_a_number_is_one_however_it_is_typed(
    opened: Opened, typed: str, country: str | None, kept: str
) -> None:
    with opened() as (userkit, post, ada):
        added = add_number(userkit, ada, typed, country)
        (row,) = rows(userkit.kit, PhoneNumber)
        assert (row.id, row.phone_number) == (added, kept)
        verify(userkit, ada, added, post.code(kept), PHONE_NUMBER)
        with refused("form_identifier_exists", "phone_number"):
            add_number(userkit, ada, typed, country)


@pytest.mark.parametrize(
    ("typed", "country", "code", "message"),
    [
        ("", "DE", "form_param_nil", "Enter a phone number."),
        (" \u00a0", "DE", "form_param_nil", "Enter a phone number."),
        ("1" * 40, "DE", "form_param_format_invalid", NO_NUMBER),
        ("+" + "4" * 40, "DE", "form_param_format_invalid", NO_NUMBER),
        ("1" * 10**6, "DE", "form_param_format_invalid", NO_NUMBER),
        ("110", "DE", "form_param_format_invalid", NO_NUMBER),
        ("911", "US", "form_param_format_invalid", NO_NUMBER),
        ("15123456789", None, "form_param_format_invalid", NO_NUMBER),
        ("01512 3456789", "XX", "form_param_format_invalid", NO_NUMBER),
        ("01512 3456789", "\ud800", "form_param_format_invalid", NO_NUMBER),
        ("01512 3456789 ext. 5", "DE", "form_param_format_invalid", NO_NUMBER),
        ("+4915123456789;ext=5", "DE", "form_param_format_invalid", NO_NUMBER),
        ("1-800-FLOWERS", "US", "form_param_format_invalid", NO_NUMBER),
        ("+4915123456789,+4915123456788", "DE", "form_param_format_invalid", NO_NUMBER),
        ("+4915123456789\r\nTo: x", "DE", "form_param_format_invalid", NO_NUMBER),
        ("+4915123456789\0", "DE", "form_param_format_invalid", NO_NUMBER),
        ("'; DROP TABLE userkit_user; --", "DE", "form_param_format_invalid", NO_NUMBER),
        ("+49 900 1234567", "DE", "not_allowed_access", NO_MESSAGES),
        ("+44 9098 790123", "GB", "not_allowed_access", NO_MESSAGES),
        ("+49 180 1 123456", "DE", "not_allowed_access", NO_MESSAGES),
        ("+1 800 234 5678", "US", "not_allowed_access", NO_MESSAGES),
        ("+881 612 345678", None, "not_allowed_access", NO_MESSAGES),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_is_no_number_of_a_person_is_refused_at_its_field_and_changes_nothing(
    opened: Opened, typed: str, country: str | None, code: str, message: str
) -> None:
    with opened() as (userkit, _, ada):
        before = everything(userkit.kit)
        with refused(code, "phone_number") as refusal:
            add_number(userkit, ada, typed, country)
        assert refusal.message == message
        assert everything(userkit.kit) == before


def test_people_use_numbers_of_some_countries_and_the_app_gives_out_any(opened: Opened) -> None:
    with opened(phone_number_countries=["DE", "AT"]) as (userkit, _, ada):
        for number in ("+447400123456", "+16502530000"):
            with pytest.raises(NotAllowedError) as caught:
                add_number(userkit, ada, number, "DE")
            assert (caught.value.code, caught.value.status) == ("unsupported_country_code", 403)
            assert (caught.value.param, caught.value.message) == ("phone_number", OTHER_COUNTRY)
            assert userkit.phone_numbers.create(ada.user_id, number, verified=True).verified
        add_number(userkit, ada, "+436641234567")
        assert userkit.phone_numbers.create(ada.user_id, "+499001234567").phone_number


@pytest.mark.parametrize("setting", ["locked", "off"])
def test_configuration_protects_what_it_locks_or_switches_off(opened: Opened, setting: str) -> None:
    with opened(phone_number=setting) as (userkit, post, ada):
        create = userkit.phone_numbers.create
        first = create(ada.user_id, new_number(), verified=True)
        second = create(ada.user_id, new_number(), verified=True)
        waiting = create(ada.user_id, new_number())
        before = everything(userkit.kit)
        with refused(IMMUTABLE, "phone_number"):
            add(userkit, ada, new_number(), PHONE_NUMBER)
        for row in (first, second, waiting):
            with refused(IMMUTABLE, "phone_number"):
                remove(userkit, ada, row.id, PHONE_NUMBER)
        told = {row.removal_refusal for row in listed(userkit, ada, PHONE_NUMBER)}
        assert told == {"This cannot be changed here."}
        if setting == "off":
            for act in (resend, set_primary):
                with refused(IMMUTABLE, "phone_number"):
                    act(userkit, ada, waiting.id, PHONE_NUMBER)
            with refused(IMMUTABLE, "phone_number"):
                verify(userkit, ada, waiting.id, CODE, PHONE_NUMBER)
            assert everything(userkit.kit) == before
            known = len(post.all())
            for begin in (begin_sign_in, begin_reset):
                with refused("form_param_format_invalid", "identifier"):
                    begin(userkit, first.phone_number)
            with refused("form_param_format_invalid", "identifier"):
                sign_in(userkit, first.phone_number, PASSWORD)
            assert len(post.all()) == known
        else:
            set_primary(userkit, ada, second.id, PHONE_NUMBER)
            resend(userkit, ada, waiting.id, PHONE_NUMBER)
            code = post.code(waiting.phone_number)
            verify(userkit, ada, waiting.id, code, PHONE_NUMBER)
            assert [row.verified for row in listed(userkit, ada, PHONE_NUMBER)] == [True] * 3


@on_each_database
def test_the_last_one_may_go_where_another_way_in_stays_and_not_where_it_is_required(
    opened: Opened,
) -> None:
    with opened(email_address="optional", password="off", email_code_sign_in=False) as made:
        userkit, post, ada = made._replace(ada=_by_number(made.userkit))
        (row,) = listed(userkit, ada, PHONE_NUMBER)
        alone = "You sign in with this phone number alone. Add another one first."
        assert row.removal_refusal == alone
        with refused("identification_deletion_failed") as refusal:
            remove(userkit, ada, row.id, PHONE_NUMBER)
        assert refusal.message == alone
        own(userkit, post, ada, new_number(), PHONE_NUMBER)
        remove(userkit, ada, row.id, PHONE_NUMBER)
        assert count(userkit.kit, PhoneNumber) == 1


def _by_number(userkit: Kits) -> Identity:
    user = userkit.users.create_user(phone_number=[new_number()])
    return who(userkit, let_in(userkit, user.id).token)


@on_each_database
def test_an_account_has_so_many_and_so_many_wait(opened: Opened) -> None:
    with opened(phone_number_limit=6) as (userkit, _, ada):
        for _number in range(5):
            added = add(userkit, ada, new_number(), PHONE_NUMBER)
        before = everything(userkit.kit)
        with refused("too_many_unverified_identifications") as refusal:
            add(userkit, ada, new_number(), PHONE_NUMBER)
        assert "phone numbers" in refusal.message
        assert everything(userkit.kit) | {"userkit_limit_hit": 0} == before | {
            "userkit_limit_hit": 0
        }
        userkit.phone_numbers.update(added, verified=True)
        last = add(userkit, ada, new_number(), PHONE_NUMBER)
        userkit.phone_numbers.update(last, verified=True)
        with refused("phone_number_quota_exceeded") as refusal:
            add(userkit, ada, new_number(), PHONE_NUMBER)
        assert refusal.message == "An account has up to 6 phone numbers. Remove one first."
        assert userkit.phone_numbers.create(ada.user_id, new_number()).id


@on_each_database
def test_texts_are_counted_for_taken_numbers_as_for_free_ones(opened: Opened) -> None:
    limits = UNLIMITED | {"sms:account": "3/hour"}
    with opened(rate_limits=limits) as (userkit, post, ada):
        taken = new_number()
        userkit.users.create_user(phone_number=[taken])
        for number in (taken, new_number(), new_number()):
            add(userkit, ada, number, PHONE_NUMBER)
        before = len(post.all())
        for number in (taken, new_number()):
            with refused("too_many_requests") as refusal:
                add(userkit, ada, number, PHONE_NUMBER)
            assert refusal.retry_after
        assert len(post.all()) == before
        add(userkit, another(userkit, "bea"), new_number(), PHONE_NUMBER)


@on_each_database
def test_a_number_is_sent_so_many_whoever_asks(opened: Opened) -> None:
    with opened(rate_limits=UNLIMITED | {"sms:number": "2/hour"}) as (userkit, post, ada):
        number = new_number()
        add(userkit, ada, number, PHONE_NUMBER)
        add(userkit, another(userkit, "bea"), number, PHONE_NUMBER)
        with refused("too_many_requests"):
            add(userkit, another(userkit, "cleo"), number, PHONE_NUMBER)
        assert len(mails_to(post, number)) == 2


@on_each_database
def test_who_adds_and_removes_without_end_is_slowed_down(opened: Opened) -> None:
    with opened(rate_limits=UNLIMITED | {"phone_number:account": "4/hour"}) as (userkit, _, ada):
        for _number in range(2):
            remove(userkit, ada, add(userkit, ada, new_number(), PHONE_NUMBER), PHONE_NUMBER)
        with refused("too_many_requests"):
            add(userkit, ada, new_number(), PHONE_NUMBER)
        given = userkit.phone_numbers.create(ada.user_id, new_number(), verified=True)
        for act in (remove, set_primary):
            with refused("too_many_requests"):
                act(userkit, ada, given.id, PHONE_NUMBER)
