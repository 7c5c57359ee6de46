"""Known and unknown addresses take the same time (B35), and a naive version would not."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from itertools import cycle

import pytest
from sqlalchemy import delete

from flask_userkit.models import EmailAddress
from flask_userkit.models import PhoneNumber
from flask_userkit.models import Verification
from flask_userkit.security.passwords import Passwords
from flask_userkit.services import lockouts
from flask_userkit.services import outbox
from tests.http.address_forms import ADDRESSES
from tests.http.address_forms import NUMBERS
from tests.http.address_forms import Place
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.http.timing import compare
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_number
from tests.rig.people import new_password

#: Both are needed to call two times different: pairs many enough find a difference of nothing,
#: and a busy machine makes medians wander. What is guarded here differs by 13 % and more.
P, RATIO = 0.001, 1.06
#: A difference that is real is there every time.
ROUNDS = 3
#: A busy machine hides a difference for a while.
TRIES = 20

pytestmark = pytest.mark.alone
Send = Callable[[], t.Any]


def told_apart(known: Send, unknown: Send, pairs: int) -> bool:
    """Tell whether each of some rounds tells the two apart."""
    for _ in range(ROUNDS):
        found = compare(known, unknown, pairs)
        if found.p > P or found.ratio < RATIO:
            return False
    return True


def form(site: Site, page: str, action: str, **values: str) -> Send:
    """Return what sends one form again and again, from a browser of its own."""
    visitor = site.visitor()
    typed = {name: value for name, value in values.items() if name != "strategy"}
    for _ in range(2):
        found = visitor.open(page).form(action)
        data = {**found.filled(typed, None), **values}
        request(visitor.client, "POST", found.action, data)
    found = visitor.open(page).form(action)
    data = {**found.filled(typed, None), **values}
    return lambda: request(visitor.client, "POST", found.action, data)


def password_guess(site: Site, address: str) -> Send:
    return form(
        site, "/account/sign-in", "/sign-in", identifier=address, password="not the password"
    )


def code_request(site: Site, address: str) -> Send:
    return form(site, "/account/sign-in", "/sign-in", identifier=address, strategy="email_code")


def reset_request(site: Site, address: str) -> Send:
    return form(site, "/account/password-reset", "/password-reset", identifier=address)


def reset_guess(site: Site, address: str) -> Send:
    """Return what guesses the code of a reset, long after no attempt is left."""
    visitor = site.visitor()
    visitor.open("/account/password-reset")
    visitor.submit("/password-reset", identifier=address)
    found = visitor.page.form("/password-reset/verification")
    # The same for both, since some passwords take longer to judge than others.
    data = found.filled({"code": "000000", "password": "correct horse battery"}, None)
    return lambda: request(visitor.client, "POST", found.action, data)


def sign_up(site: Site, address: str) -> Send:
    return form(
        site,
        "/account/sign-up",
        "/sign-up",
        email_address=address,
        password="correct horse battery",
    )


def addition(site: Site, values: list[str], place: Place = ADDRESSES) -> Send:
    """Return what adds one after the other to an account, and forgets each claim."""
    visitor, typed = site.signed_in(), cycle(values)
    found = visitor.open(place.card).form(place.url)

    def send() -> None:
        data = found.filled({place.field: next(typed)}, None)
        assert request(visitor.client, "POST", found.action, data).status == 303
        with site.app.app_context(), site.kit.transaction() as db:
            db.execute(delete(Verification))
            for model in (EmailAddress, PhoneNumber):
                db.execute(delete(model).where(model.verified_key.is_(None)))

    return send


def nobody(address: str) -> str:
    """Return an address as long as another, which has no account."""
    local, _, domain = address.partition("@")
    return f"{'x' * len(local)}@{domain}"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    """A site with passwords hashed at their real cost, and no mail sent beside the requests."""
    return open_site(make_app, USERKIT_PASSWORD_HASH="default", USERKIT_OUTBOX="worker")


@pytest.fixture
def quick_site(make_app: MakeApp) -> Site:
    return open_site(make_app, USERKIT_OUTBOX="worker")


def test_a_wrong_password_takes_as_long_for_a_known_address(site: Site) -> None:
    known = site.person().email_address
    assert not told_apart(
        password_guess(site, known), password_guess(site, nobody(known)), pairs=12
    )


def test_a_wrong_password_takes_as_long_for_an_account_without_one(site: Site) -> None:
    known = "without-password@example.com"
    with site.app.app_context():
        site.kit.users.create_user(email_address=[known])
    assert not told_apart(
        password_guess(site, known), password_guess(site, nobody(known)), pairs=12
    )


def test_a_wrong_password_takes_as_long_for_a_banned_account(site: Site) -> None:
    known = "banned-person@example.com"
    with site.app.app_context():
        user = site.kit.users.create_user(email_address=[known], password=new_password())
        site.kit.users.ban_user(user.id)
    assert not told_apart(
        password_guess(site, known), password_guess(site, nobody(known)), pairs=12
    )


def test_without_the_dummy_hash_a_password_tells(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = Passwords.verify

    def naive(self: Passwords, digest: str | None, password: str) -> bool:
        return verify(self, digest, password) if digest is not None else False

    monkeypatch.setattr(Passwords, "verify", naive)
    known = site.person().email_address
    guesses = password_guess(site, known), password_guess(site, nobody(known))
    assert any(told_apart(*guesses, pairs=20) for _ in range(TRIES))


@pytest.mark.parametrize("sender", ["thread", "worker"])
def test_asking_for_a_code_takes_as_long_for_a_known_address(
    make_app: MakeApp, sender: str
) -> None:
    site = open_site(make_app, USERKIT_OUTBOX=sender)
    known = site.person().email_address
    assert not told_apart(code_request(site, known), code_request(site, nobody(known)), pairs=100)


def test_asking_for_a_reset_takes_as_long_for_a_known_address(quick_site: Site) -> None:
    known = quick_site.person().email_address
    requests = reset_request(quick_site, known), reset_request(quick_site, nobody(known))
    assert not told_apart(*requests, pairs=100)


def test_a_code_of_a_reset_takes_as_long_for_a_known_address(quick_site: Site) -> None:
    known = quick_site.person().email_address
    requests = reset_guess(quick_site, known), reset_guess(quick_site, nobody(known))
    assert not told_apart(*requests, pairs=60)


@pytest.fixture
def locking_site(make_app: MakeApp) -> Site:
    """A site where each wrong password is the last that its limit takes."""
    limits = UNLIMITED | {"sign_in:account": "1/second"}
    return open_site(make_app, USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=limits)


def locking_guess(site: Site, address: str) -> Send:
    """Return what guesses a password, each time long after the lock before."""
    send = password_guess(site, address)

    def later() -> None:
        site.clock.tick(hours=2)
        send()

    return later


def test_the_wrong_password_that_locks_takes_as_long_for_a_known_address(
    locking_site: Site,
) -> None:
    known = locking_site.person().email_address
    guesses = locking_guess(locking_site, known), locking_guess(locking_site, nobody(known))
    assert not told_apart(*guesses, pairs=60)


def test_without_the_decoy_of_a_lock_it_tells(
    locking_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = lockouts.failed

    def naive(kit: t.Any, found: t.Any, *more: t.Any) -> None:
        if found is not None:
            lock(kit, found, *more)

    monkeypatch.setattr(lockouts, "failed", naive)
    known = locking_site.person().email_address
    guesses = locking_guess(locking_site, known), locking_guess(locking_site, nobody(known))
    assert any(told_apart(*guesses, pairs=60) for _ in range(TRIES))


def test_without_the_decoy_row_a_code_tells(
    quick_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = outbox.send_mail

    def naive(db: t.Any, template: str, to: str, *, real: bool = True, **context: t.Any) -> None:
        if real:
            write(db, template, to, real=True, **context)

    monkeypatch.setattr(outbox, "send_mail", naive)
    known = quick_site.person().email_address
    requests = code_request(quick_site, known), code_request(quick_site, nobody(known))
    assert any(told_apart(*requests, pairs=100) for _ in range(TRIES))


def test_signing_up_takes_as_long_with_a_known_address(quick_site: Site) -> None:
    known = quick_site.person().email_address
    assert not told_apart(sign_up(quick_site, known), sign_up(quick_site, nobody(known)), pairs=80)


def test_adding_an_address_takes_as_long_where_it_is_somebody_elses(quick_site: Site) -> None:
    taken = [quick_site.person().email_address for _ in range(20)]
    free = [nobody(address).replace("x", "y", number) for number, address in enumerate(taken)]
    assert not told_apart(addition(quick_site, taken), addition(quick_site, free), pairs=80)


def test_adding_a_number_takes_as_long_where_it_is_somebody_elses(quick_site: Site) -> None:
    taken = [str(quick_site.person(phone_number=new_number()).phone_number) for _ in range(20)]
    free = [new_number() for _ in taken]
    known, unknown = (addition(quick_site, values, NUMBERS) for values in (taken, free))
    assert not told_apart(known, unknown, pairs=80)


def test_the_dummy_hash_costs_what_a_real_one_costs() -> None:
    passwords = Passwords()
    digest = passwords.hash(new_password())
    assert not told_apart(
        lambda: passwords.verify(digest, "wrong"), lambda: passwords.verify(None, "wrong"), pairs=10
    )
