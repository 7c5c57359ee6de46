"""A site with people on it, and each of its forms ready to be sent."""

from __future__ import annotations

import secrets
import typing as t
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from functools import partial

from flask import Flask

from flask_userkit import UserKit
from tests.http import address_forms
from tests.http import provider_forms
from tests.http import reset_forms
from tests.http.address_forms import NUMBERS
from tests.http.cookies import in_process
from tests.http.links import send_link
from tests.rig.clients import request
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.mailbox import Mailbox
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.people import new_password
from tests.rig.people import sign_in
from tests.rig.pictures import picture
from tests.rig.visitor import Visitor

TOKEN = "userkit_csrf"
#: The account page with a card open.
NAME_CARD = "/account/?edit=profile"
USERNAME_CARD = "/account/?edit=username"
PASSWORD_CARD = "/account/security?edit=password"
SECURITY = "/account/security"
#: Limits that no test reaches by accident.
UNLIMITED = dict.fromkeys(
    (
        "sign_in:ip",
        "sign_in:account",
        "sign_in:account_ip",
        "sign_in:device",
        "sign_up:ip",
        "username:ip",
        "username:account",
        "reverification:ip",
        "reverification:account",
        "verification:ip",
        "verification:account",
        "avatar:account",
        "password:account",
        "data_export:account",
        "data_export_download:account",
        "email_address:account",
        "message:ip",
        "message:address",
        "message:account",
        "sms:ip",
        "sms:number",
        "sms:account",
        "sms:day",
        "sms:notice",
        "notice:locked",
        "notice:sign_in",
        "refusal:ip",
        "phone_number:account",
        "external_account:account",
        "oauth:ip",
    ),
    "100000/second",
)


@dataclass
class Site:
    """An app whose clock stands still, with everything that acts on it."""

    app: Flask
    kit: UserKit
    mailbox: Mailbox
    clock: Clock

    def visitor(self) -> Visitor:
        """Return somebody with a browser of their own."""
        return Visitor(self.app.test_client())

    def person(self, **values: t.Any) -> Person:
        """Return somebody with an account, made by the app."""
        person = Person(**values)
        with self.app.app_context():
            self.kit.users.create_user(
                email_address=[person.email_address],
                phone_number=[person.phone_number] if person.phone_number else [],
                password=person.password,
                username=person.username,
                first_name=person.first_name,
                last_name=person.last_name,
                # To judge a password takes longer than all the rest.
                skip_password_checks=True,
            )
        return person

    def signed_in(self, person: Person | None = None) -> Visitor:
        """Return a browser in which somebody is signed in."""
        visitor = self.visitor()
        sign_in(visitor, person or self.person())
        return visitor


def open_site(make_app: MakeApp, **settings: t.Any) -> Site:
    """Open a site with every form, a clock of its own, and no limits unless a test sets some."""
    defaults = {
        "USERKIT_RATE_LIMITS": UNLIMITED,
        "USERKIT_USERNAME": "optional",
        "USERKIT_PHONE_NUMBER": "optional",
        "USERKIT_PASSWORD": "optional",
    }
    app = make_app(**{**defaults, **settings})
    kit: UserKit = app.extensions["userkit"]
    clock = Clock()
    with app.app_context():
        kit.clock = clock
    return Site(app, kit, Mailbox(app.test_client()), clock)


@dataclass
class Ready:
    """A form that would be taken, if it were sent now."""

    visitor: Visitor
    url: str
    data: dict[str, str]
    #: Tokens that this browser was given before it changed who it is.
    stale: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def post(self, body: bytes, content_type: str, **headers: str) -> Page:
        """Send a body as it is."""
        answer = in_process(self.visitor).post(
            self.url, data=body, content_type=content_type or None, headers=headers
        )
        return Page(self.url, answer.status_code, tuple(answer.headers.items()), answer.data)

    def send(self, data: dict[str, str] | None = None, **headers: str) -> Page:
        """Send these fields, or those of the form as it stands."""
        fields = self.data if data is None else data
        return request(self.visitor.client, "POST", self.url, fields, headers, self.files)


def is_taken(page: Page) -> bool:
    """Tell whether a form was taken: it leads on, to a provider by a page that does."""
    leads_away = page.status == 200 and (page.header("Refresh") or "").startswith("0; url=")
    return page.status == 303 or leads_away


def _form_of(visitor: Visitor, page: str, action: str, **typed: str) -> tuple[str, dict[str, str]]:
    form = visitor.open(page).form(action)
    button = next((pair for pair in form.buttons if pair in typed.items()), None)
    fields = {name: value for name, value in typed.items() if (name, value) != button}
    return form.action, form.filled(fields, button)


def sign_in_by_password(site: Site) -> Ready:
    visitor, ada = site.visitor(), site.person()
    typed = {"identifier": ada.email_address, "password": ada.password}
    return Ready(visitor, *_form_of(visitor, "/account/sign-in", "/sign-in", **typed))


def sign_in_by_code(site: Site) -> Ready:
    visitor, ada = site.visitor(), site.person()
    url, data = _form_of(visitor, "/account/sign-in", "/sign-in", identifier=ada.email_address)
    return Ready(visitor, url, {**data, "strategy": "email_code"})


def sign_in_verification(site: Site) -> Ready:
    first = sign_in_by_code(site)
    assert first.send().status == 303
    code = site.mailbox.wait(first.data["identifier"]).the_code
    page, action = "/account/sign-in/verification", "/sign-in/verification"
    form = _form_of(first.visitor, page, action, code=code)
    return Ready(first.visitor, *form, [first.data[TOKEN]])


def sign_in_delivery(site: Site) -> Ready:
    first = sign_in_verification(site)
    site.clock.tick(31)
    page, action = "/account/sign-in/verification", "/sign-in/verification/delivery"
    return Ready(first.visitor, *_form_of(first.visitor, page, action), first.stale)


def sign_up(site: Site) -> Ready:
    visitor, person = site.visitor(), Person()
    names = visitor.open("/account/sign-up").form("/sign-up").names
    wanted = {
        "email_address": person.email_address,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "password": person.password,
    }
    typed = {name: value for name, value in wanted.items() if name in names}
    return Ready(visitor, *_form_of(visitor, "/account/sign-up", "/sign-up", **typed))


def sign_up_verification(site: Site) -> Ready:
    first = sign_up(site)
    assert first.send().status == 303
    code = site.mailbox.wait(first.data["email_address"]).the_code
    page, action = "/account/sign-up/verification", "/sign-up/verification"
    form = _form_of(first.visitor, page, action, code=code)
    return Ready(first.visitor, *form, [first.data[TOKEN]])


def sign_up_delivery(site: Site) -> Ready:
    first = sign_up_verification(site)
    site.clock.tick(31)
    page, action = "/account/sign-up/verification", "/sign-up/verification/delivery"
    return Ready(first.visitor, *_form_of(first.visitor, page, action), first.stale)


def _signed_in(site: Site, page: str, action: str, **typed: str) -> Ready:
    first = sign_in_by_password(site)
    assert first.send().status == 303
    return Ready(
        first.visitor, *_form_of(first.visitor, page, action, **typed), [first.data[TOKEN]]
    )


def sign_out(site: Site) -> Ready:
    return _signed_in(site, "/", "/sign-out")


def profile(site: Site) -> Ready:
    names = {"first_name": "Augusta", "last_name": "King"}
    return _signed_in(site, NAME_CARD, "/account/profile", **names)


def picture_form(site: Site) -> Ready:
    ready = _signed_in(site, NAME_CARD, "/account/avatar")
    ready.data.pop("file")
    ready.files = {"file": picture()}
    return ready


def picture_removal(site: Site) -> Ready:
    first = picture_form(site)
    assert first.send().status == 303
    form = _form_of(first.visitor, NAME_CARD, "/account/avatar/removal")
    return Ready(first.visitor, *form, first.stale)


def username(site: Site) -> Ready:
    name = f"countess_{secrets.token_hex(4)}"
    return _signed_in(site, USERNAME_CARD, "/account/username", username=name)


def username_removal(site: Site) -> Ready:
    first = username(site)
    assert first.send().status == 303
    form = _form_of(first.visitor, f"{USERNAME_CARD}.removal", "/account/username/removal")
    return Ready(first.visitor, *form, first.stale)


def password(site: Site) -> Ready:
    new = new_password()
    typed = {"new_password": new, "confirm_password": new}
    return _signed_in(site, PASSWORD_CARD, "/account/password", **typed)


def password_removal(site: Site) -> Ready:
    return _signed_in(site, f"{PASSWORD_CARD}.removal", "/account/password/removal")


def _beside_another_device(site: Site, action: str) -> Ready:
    ada = site.person()
    visitor = site.signed_in(ada)
    site.signed_in(ada)
    return Ready(visitor, *_form_of(visitor, SECURITY, action))


def _by_way(way: Callable[[Site], address_forms.Way]) -> Callable[[Site], Ready]:
    def ready(site: Site) -> Ready:
        visitor, page, action, typed = way(site)
        return Ready(visitor, *_form_of(visitor, page, action, **typed))

    return ready


def reverification(site: Site) -> Ready:
    first = sign_in_by_password(site)
    assert first.send().status == 303
    typed = {"password": first.data["password"]}
    page = "/account/reverification"
    return Ready(first.visitor, *_form_of(first.visitor, page, page, **typed), [first.data[TOKEN]])


def data_export(site: Site) -> Ready:
    return _signed_in(site, SECURITY, "/account/data-exports")


def deletion(site: Site) -> Ready:
    card = f"{SECURITY}?edit=deletion"
    return _signed_in(site, card, "/account/deletion", confirmation="Delete account")


def email_address_link(site: Site) -> Ready:
    ada = site.person()
    visitor = site.signed_in(ada)
    page = send_link(site, ada, f"{secrets.token_hex(6)}@example.com")
    return Ready(visitor, *_form_of(visitor, page, "/email-addresses/verification"))


#: Each form with the endpoint that takes it; one endpoint may take several.
FORMS: dict[str, tuple[str, Callable[[Site], Ready]]] = {
    "sign-in by password": ("userkit.create_sign_in", sign_in_by_password),
    "sign-in by code": ("userkit.create_sign_in", sign_in_by_code),
    "code of a sign-in": ("userkit.attempt_sign_in_verification", sign_in_verification),
    "new code of a sign-in": ("userkit.deliver_sign_in_verification", sign_in_delivery),
    "sign-up": ("userkit.create_sign_up", sign_up),
    "code of a sign-up": ("userkit.attempt_sign_up_verification", sign_up_verification),
    "new code of a sign-up": ("userkit.deliver_sign_up_verification", sign_up_delivery),
    "password reset": ("userkit.create_password_reset", _by_way(reset_forms.request)),
    "code of a password reset": (
        "userkit.attempt_password_reset_verification",
        _by_way(reset_forms.verification),
    ),
    "new code of a password reset": (
        "userkit.deliver_password_reset_verification",
        _by_way(reset_forms.delivery),
    ),
    "sign-out": ("userkit.sign_out", sign_out),
    "link to an email address": ("userkit.attempt_email_address_link", email_address_link),
    "email address": (
        "userkit.create_email_address",
        _by_way(address_forms.addition),
    ),
    "code of an email address": (
        "userkit.attempt_email_address_verification",
        _by_way(address_forms.verification),
    ),
    "new code of an email address": (
        "userkit.deliver_email_address_verification",
        _by_way(address_forms.delivery),
    ),
    "primary email address": (
        "userkit.set_primary_email_address",
        _by_way(address_forms.primary),
    ),
    "removal of an email address": (
        "userkit.remove_email_address",
        _by_way(address_forms.removal),
    ),
    "phone number": (
        "userkit.create_phone_number",
        _by_way(partial(address_forms.addition, place=NUMBERS)),
    ),
    "code of a phone number": (
        "userkit.attempt_phone_number_verification",
        _by_way(partial(address_forms.verification, place=NUMBERS)),
    ),
    "new code of a phone number": (
        "userkit.deliver_phone_number_verification",
        _by_way(partial(address_forms.delivery, place=NUMBERS)),
    ),
    "primary phone number": (
        "userkit.set_primary_phone_number",
        _by_way(partial(address_forms.primary, place=NUMBERS)),
    ),
    "removal of a phone number": (
        "userkit.remove_phone_number",
        _by_way(partial(address_forms.removal, place=NUMBERS)),
    ),
    "sign-in at a provider": ("userkit.create_oauth_sign_in", _by_way(provider_forms.sign_in)),
    "sign-up by a provider": ("userkit.create_oauth_sign_up", _by_way(provider_forms.sign_up)),
    "connected account": (
        "userkit.create_external_account",
        _by_way(provider_forms.connection),
    ),
    "reconnection of an account": (
        "userkit.reconnect_external_account",
        _by_way(provider_forms.reconnection),
    ),
    "removal of a connected account": (
        "userkit.remove_external_account",
        _by_way(provider_forms.removal),
    ),
    "reverification at a provider": (
        "userkit.create_oauth_reverification",
        _by_way(provider_forms.reverification),
    ),
    "name": ("userkit.update_profile", profile),
    "picture": ("userkit.upload_avatar", picture_form),
    "removal of a picture": ("userkit.remove_avatar", picture_removal),
    "password": ("userkit.update_password", password),
    "removal of the password": ("userkit.remove_password", password_removal),
    "username": ("userkit.update_username", username),
    "sign-out of a device": (
        "userkit.revoke_session",
        partial(_beside_another_device, action="/revocation"),
    ),
    "sign-out of all other devices": (
        "userkit.revoke_sessions",
        partial(_beside_another_device, action="/sessions/revocation"),
    ),
    "reverification": ("userkit.attempt_reverification", reverification),
    "data export": ("userkit.create_data_export", data_export),
    "deletion of the account": ("userkit.delete_account", deletion),
    "removal of the username": ("userkit.remove_username", username_removal),
}
