"""Each flow of the kit as one request that is ready to be sent, and the lines that it leaves."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from flask_userkit import EventName as E
from flask_userkit import models
from tests.http import address_forms
from tests.http import providers
from tests.http.cookies import in_process
from tests.http.site import FORMS
from tests.http.site import PASSWORD_CARD
from tests.http.site import SECURITY
from tests.http.site import TOKEN
from tests.http.site import Ready
from tests.http.site import Site
from tests.rig.hostile.modes import Mode
from tests.rig.people import new_number
from tests.rig.people import new_password

#: Who: the owner of the account, somebody else who is signed in, or nobody that is known.
ME, OTHER, NOBODY = "me", "other", None
Act = Callable[[], object]


class Line(t.NamedTuple):
    """A line: what happened, to whose account, by whom, and what else is said of it."""

    name: E
    subject: str | None
    actor: str | None
    data: dict[str, t.Any]


class Prepared(t.NamedTuple):
    """An act that is ready: one request, from a browser, about an account."""

    act: Act
    visitor: t.Any
    user_id: str | None
    actor_id: str | None = None


def newest(site: Site) -> str:
    """Return the user who came last."""
    with site.app.app_context(), Session(site.kit.kit.database.engine) as db:
        return db.scalars(select(models.User.id).order_by(models.User.id.desc()).limit(1)).one()


def form(name: str, **changes: str) -> Callable[[Site], Prepared]:
    """Return what prepares a form, with some of its fields changed."""

    def prepare(site: Site) -> Prepared:
        ready = FORMS[name][1](site)
        return _sent(site, ready, {**ready.data, **changes})

    return prepare


def _sent(site: Site, ready: Ready, data: dict[str, str] | None = None) -> Prepared:
    return Prepared(lambda: ready.send(data), ready.visitor, newest(site))


def phone_sign_in(site: Site) -> Prepared:
    number = new_number()
    site.person(phone_number=number)
    visitor = site.visitor()
    visitor.open("/account/sign-in")
    visitor.submit("/sign-in", button=("strategy", "email_code"), identifier=number)
    code = site.mailbox.wait(number).the_code
    act = visitor.page.form("/sign-in/verification").filled({"code": code}, None)
    ready = Ready(visitor, "/account/sign-in/verification", act)
    return _sent(site, ready)


def sign_up_with_a_taken_address(site: Site) -> Prepared:
    ada = site.person()
    ready = FORMS["sign-up"][1](site)
    return _sent(site, ready, {**ready.data, "email_address": ada.email_address})


def last_wrong_password(site: Site, *, after: int = 9) -> Prepared:
    ready = FORMS["sign-in by password"][1](site)
    data = {**ready.data, "password": "wrong"}
    for _ in range(after):
        ready.send(data)
    return _sent(site, ready, data)


def of_the_app(what: str) -> Callable[[Site], Prepared]:
    """Return what prepares a sign-in with the right password to an account that may not."""

    def prepare(site: Site) -> Prepared:
        ready = FORMS["sign-in by password"][1](site)
        with site.app.app_context():
            getattr(site.kit.users, what)(newest(site))
        return _sent(site, ready)

    return prepare


def while_setting(form_name: str, **settings: str) -> Callable[[Site], Prepared]:
    """Return what prepares a form that the app has switched off meanwhile."""

    def prepare(site: Site) -> Prepared:
        ready = FORMS[form_name][1](site)
        kit = site.kit.kit
        before, now = kit.config, replace(kit.config, **t.cast("dict[str, t.Any]", settings))

        def act() -> None:
            kit.config = now
            try:
                ready.send()
            finally:
                kit.config = before

        return Prepared(act, ready.visitor, newest(site))

    return prepare


def last_address(site: Site) -> Prepared:
    visitor = site.signed_in()
    token = visitor.open("/").form("/sign-out").values[TOKEN]
    with site.app.app_context():
        user = site.kit.users.get_user(newest(site))
    url = f"{address_forms.URL}/{user.primary_email_address_id}/removal"
    return Prepared(lambda: Ready(visitor, url, {TOKEN: token}).send(), visitor, user.id)


def row_of_another(site: Site) -> Prepared:
    site.person()
    with site.app.app_context():
        row = site.kit.users.get_user(newest(site)).primary_email_address_id
    visitor = site.signed_in()
    token = visitor.open("/").form("/sign-out").values[TOKEN]
    url = f"{address_forms.URL}/{row}/removal"
    return Prepared(lambda: Ready(visitor, url, {TOKEN: token}).send(), visitor, newest(site))


def session_that_is_over(site: Site) -> Prepared:
    visitor = site.signed_in()
    site.clock.tick(days=8)
    return Prepared(lambda: visitor.open("/members"), visitor, newest(site))


def by_an_administrator(*calls: str, **values: t.Any) -> Callable[[Site], Prepared]:
    """Return what prepares calls of the Python API in the request of somebody who is signed in."""

    def prepare(site: Site) -> Prepared:
        admin = site.signed_in()
        actor_id = newest(site)
        site.signed_in()
        user_id = newest(site)

        def act() -> None:
            url = f"/administration/{user_id}/{'-'.join(calls)}"
            assert in_process(admin).post(url, json=values).status_code == 204

        return Prepared(act, admin, user_id, actor_id)

    return prepare


def first_password(site: Site) -> Prepared:
    ready = FORMS["removal of the password"][1](site)
    ready.send()
    visitor = ready.visitor
    visitor.open(PASSWORD_CARD)
    new = new_password()
    data = visitor.page.form("/account/password").filled(
        {"new_password": new, "confirm_password": new}, None
    )
    return _sent(site, Ready(visitor, "/account/password", data))


def device_of_another(site: Site) -> Prepared:
    site.signed_in()
    statement = select(models.Session.id).where(models.Session.user_id == newest(site))
    with site.app.app_context(), Session(site.kit.kit.database.engine) as db:
        row = db.scalars(statement).one()
    visitor = site.signed_in()
    token = visitor.open("/").form("/sign-out").values[TOKEN]
    url = f"/account/sessions/{row}/revocation"
    return Prepared(lambda: Ready(visitor, url, {TOKEN: token}).send(), visitor, newest(site))


def download(site: Site) -> Prepared:
    ready = FORMS["data export"][1](site)
    ready.send()
    link = ready.visitor.open(SECURITY).html.select_one("a[href*='/data-exports/']")
    assert link is not None
    url = str(link["href"])
    return Prepared(lambda: ready.visitor.open(url), ready.visitor, newest(site))


def account_at_provider(site: Site) -> tuple[t.Any, str]:
    """Return somebody signed in who has a connected account, and its id."""
    providers.offer(site)
    providers.somebody()
    visitor = site.signed_in()
    providers.connect(visitor)
    (account,) = providers.accounts(site, newest(site))
    return visitor, account.id


def connection(site: Site, mode: Mode = "ok") -> Prepared:
    providers.offer(site)
    providers.somebody()
    visitor = site.signed_in()
    back = providers.leave(providers.begin_to_connect(visitor), mode)
    return Prepared(lambda: visitor.open(back), visitor, newest(site))


def reconnection(site: Site) -> Prepared:
    visitor, account_id = account_at_provider(site)
    token = visitor.open("/").form("/sign-out").values[TOKEN]
    url = f"{providers.URL}/{account_id}/reconnection"
    back = providers.leave(Ready(visitor, url, {TOKEN: token}).send())
    return Prepared(lambda: visitor.open(back), visitor, newest(site))


def disconnection(site: Site) -> Prepared:
    visitor, account_id = account_at_provider(site)
    token = visitor.open("/").form("/sign-out").values[TOKEN]
    url = f"{providers.URL}/{account_id}/removal"
    return _sent(site, Ready(visitor, url, {TOKEN: token}))


def sign_in_at_provider(site: Site, mode: Mode = "ok") -> Prepared:
    account_at_provider(site)
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor), mode)
    return Prepared(lambda: visitor.open(back), visitor, newest(site))


SESSION = {"session_id": "sess"}
ACCOUNT = {"external_account_id": "eac", "provider": "acme"}
EXPORT = {"export_id": "exp"}
EMAIL, PHONE = {"email_address_id": "idn"}, {"phone_number_id": "idn"}


def mine(name: E, **data: t.Any) -> Line:
    """Return a line of what somebody does to their own account."""
    return Line(name, ME, ME, data)


def tried(name: E, subject: str | None = ME, **data: t.Any) -> Line:
    """Return a line of what is done to an account by nobody that is known."""
    return Line(name, subject, NOBODY, data)


def other(name: E, **data: t.Any) -> Line:
    """Return a line of what somebody else does to an account."""
    return Line(name, ME, OTHER, data)


SAVED_USERNAME = mine(E.USER_UPDATED, fields="username,username_key")
FAILED = {"strategy": "password"}
FLOWS: dict[str, tuple[Callable[[Site], Prepared], list[Line]]] = {
    "sign-in by password": (
        form("sign-in by password"),
        [mine(E.SESSION_CREATED, **SESSION, strategy="password")],
    ),
    "sign-in by a code by mail": (
        form("code of a sign-in"),
        [mine(E.SESSION_CREATED, **SESSION, strategy="email_code")],
    ),
    "sign-in by a code by text": (
        phone_sign_in,
        [mine(E.SESSION_CREATED, **SESSION, strategy="phone_code")],
    ),
    "wrong password": (
        form("sign-in by password", password="wrong"),
        [tried(E.SIGN_IN_FAILED, **FAILED)],
    ),
    "unknown address": (
        form("sign-in by password", identifier="nobody@example.com"),
        [tried(E.SIGN_IN_FAILED, NOBODY, **FAILED)],
    ),
    "wrong code of a sign-in": (
        form("code of a sign-in", code="000000"),
        [tried(E.VERIFICATION_FAILED, purpose="sign_in", attempts=1)],
    ),
    "last wrong password": (
        last_wrong_password,
        [
            tried(E.USER_LOCKED, purpose="sign_in:account"),
            tried(E.SIGN_IN_FAILED, **FAILED),
        ],
    ),
    "one more": (
        lambda site: last_wrong_password(site, after=10),
        [tried(E.LIMIT_REACHED, purpose="sign_in:account")],
    ),
    "and one more": (lambda site: last_wrong_password(site, after=11), []),
    "right password of somebody locked": (
        of_the_app("lock_user"),
        [tried(E.SIGN_IN_REFUSED, strategy="password", code="user_locked")],
    ),
    "right password of somebody banned": (
        of_the_app("ban_user"),
        [tried(E.SIGN_IN_REFUSED, strategy="password", code="user_banned")],
    ),
    "sign-out": (form("sign-out"), [mine(E.SESSION_ENDED, **SESSION, status="ended")]),
    "a session that is over": (
        session_that_is_over,
        [tried(E.SESSION_EXPIRED, **SESSION, status="expired")],
    ),
    "sign-up": (form("sign-up"), [tried(E.SIGN_UP_CREATED, NOBODY)]),
    "sign-up with a taken address": (
        sign_up_with_a_taken_address,
        [tried(E.SIGN_UP_REFUSED)],
    ),
    "sign-up where it is off": (
        while_setting("sign-up", sign_up=t.cast(str, False)),
        [tried(E.REQUEST_REFUSED, NOBODY, code="not_allowed_access", param=None)],
    ),
    "code of a sign-up": (
        form("code of a sign-up"),
        [mine(E.USER_CREATED), mine(E.SESSION_CREATED, **SESSION, strategy="email_code")],
    ),
    "wrong code of a sign-up": (
        form("code of a sign-up", code="000000"),
        [tried(E.VERIFICATION_FAILED, NOBODY, purpose="sign_up", attempts=1)],
    ),
    "password reset": (
        form("code of a password reset"),
        [
            mine(E.PASSWORD_RESET),
            mine(E.SESSION_CREATED, **SESSION, strategy="reset_password_email_code"),
        ],
    ),
    "wrong code of a password reset": (
        form("code of a password reset", code="000000"),
        [tried(E.VERIFICATION_FAILED, purpose="password_reset", attempts=1)],
    ),
    "reverification": (
        form("reverification"),
        [mine(E.SESSION_REVERIFIED, **SESSION, strategy="password")],
    ),
    "wrong password of a reverification": (
        form("reverification", password="wrong"),
        [mine(E.SESSION_REVERIFICATION_FAILED, **SESSION, strategy="password")],
    ),
    "email address": (form("email address"), [mine(E.EMAIL_ADDRESS_CREATED, **EMAIL)]),
    "code of an email address": (
        form("code of an email address"),
        [mine(E.EMAIL_ADDRESS_VERIFIED, **EMAIL)],
    ),
    "link to an email address": (
        form("link to an email address"),
        [mine(E.EMAIL_ADDRESS_VERIFIED, **EMAIL)],
    ),
    "wrong code of an email address": (
        form("code of an email address", code="000000"),
        [mine(E.VERIFICATION_FAILED, purpose="email_address", attempts=1)],
    ),
    "primary email address": (
        form("primary email address"),
        [mine(E.EMAIL_ADDRESS_UPDATED, **EMAIL, primary=True)],
    ),
    "removal of an email address": (
        form("removal of an email address"),
        [mine(E.EMAIL_ADDRESS_DELETED, **EMAIL, verified=True)],
    ),
    "removal of the last one": (
        last_address,
        [mine(E.REQUEST_REFUSED, code="last_required_identification_deletion_failed", param=None)],
    ),
    "removal of another's": (
        row_of_another,
        [mine(E.REQUEST_REFUSED, code="resource_not_found", id="idn")],
    ),
    "phone number": (form("phone number"), [mine(E.PHONE_NUMBER_CREATED, **PHONE)]),
    "code of a phone number": (
        form("code of a phone number"),
        [mine(E.PHONE_NUMBER_VERIFIED, **PHONE)],
    ),
    "primary phone number": (
        form("primary phone number"),
        [mine(E.PHONE_NUMBER_UPDATED, **PHONE, primary=True)],
    ),
    "removal of a phone number": (
        form("removal of a phone number"),
        [mine(E.PHONE_NUMBER_DELETED, **PHONE, verified=True)],
    ),
    "name": (form("name"), [mine(E.USER_UPDATED, fields="first_name,last_name")]),
    "picture": (form("picture"), [mine(E.PROFILE_IMAGE_UPDATED)]),
    "removal of a picture": (form("removal of a picture"), [mine(E.PROFILE_IMAGE_DELETED)]),
    "username": (form("username"), [mine(E.USERNAME_UPDATED), SAVED_USERNAME]),
    "username that the app alone changes": (
        while_setting("username", username="locked"),
        [
            mine(
                E.REQUEST_REFUSED,
                code="immutable_attribute_modification_not_allowed",
                param="username",
            )
        ],
    ),
    "removal of the username": (
        form("removal of the username"),
        [mine(E.USERNAME_REMOVED), SAVED_USERNAME],
    ),
    "password": (
        form("password"),
        [mine(E.PASSWORD_CHANGED)],
    ),
    "removal of the password": (form("removal of the password"), [mine(E.PASSWORD_REMOVED)]),
    "first password": (first_password, [mine(E.PASSWORD_CREATED)]),
    "sign-out of a device": (
        form("sign-out of a device"),
        [mine(E.SESSION_REVOKED, **SESSION, status="revoked")],
    ),
    "sign-out of another's device": (
        device_of_another,
        [mine(E.REQUEST_REFUSED, code="resource_not_found", id="sess")],
    ),
    "sign-out of all other devices": (
        form("sign-out of all other devices"),
        [mine(E.SESSION_REVOKED, **SESSION, status="revoked")],
    ),
    "connection of an account": (connection, [mine(E.EXTERNAL_ACCOUNT_CONNECTED, **ACCOUNT)]),
    "connection that is refused": (
        lambda site: connection(site, "access_denied"),
        [
            mine(
                E.EXTERNAL_ACCOUNT_FAILED,
                strategy="oauth_acme",
                code="oauth_access_denied",
                reason="access_denied",
            )
        ],
    ),
    "reconnection": (reconnection, [mine(E.EXTERNAL_ACCOUNT_REAUTHORIZED, **ACCOUNT)]),
    "disconnection": (disconnection, [mine(E.EXTERNAL_ACCOUNT_DISCONNECTED, **ACCOUNT)]),
    "sign-in at a provider": (
        sign_in_at_provider,
        [mine(E.SESSION_CREATED, **SESSION, strategy="oauth_acme")],
    ),
    "sign-in that a provider refuses": (
        lambda site: sign_in_at_provider(site, "invalid_grant"),
        [
            tried(
                E.SIGN_IN_FAILED,
                NOBODY,
                strategy="oauth_acme",
                code="oauth_token_exchange_error",
                reason="invalid_grant",
            )
        ],
    ),
    "data export": (form("data export"), [mine(E.DATA_EXPORT_CREATED, **EXPORT)]),
    "download of a data export": (download, [mine(E.DATA_EXPORT_DOWNLOADED, **EXPORT)]),
    "deletion of the account": (form("deletion of the account"), [mine(E.USER_DELETED)]),
    "acts of an administrator": (
        by_an_administrator("ban_user", "unban_user", "lock_user", "unlock_user"),
        [
            other(E.SESSION_REVOKED, **SESSION, status="revoked"),
            other(E.USER_BANNED),
            other(E.USER_UNBANNED),
            other(E.USER_LOCKED),
            other(E.USER_UNLOCKED),
        ],
    ),
    "password by an administrator": (
        by_an_administrator("update_user", password=new_password()),
        [
            other(E.PASSWORD_CHANGED),
            other(E.SESSION_REVOKED, **SESSION, status="revoked"),
            other(E.USER_UPDATED, fields="password_digest,password_updated_at"),
        ],
    ),
    "deletion by an administrator": (by_an_administrator("delete_user"), [other(E.USER_DELETED)]),
}
