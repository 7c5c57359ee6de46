"""Password: set, changed and removed by who has confirmed that it is them."""

from __future__ import annotations

import typing as t

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField
from wtforms import PasswordField

from ..current import required_identity
from ..errors import FormError
from ..request_state import current_kit
from ..request_state import state
from ..services import inventory
from ..services import own_passwords
from ..services.sessions import SignedIn
from ..translations import gettext as _
from ..web.blueprint import blueprint
from ..web.csrf import FIELD
from ..web.device_cookie import known_devices
from ..web.device_cookie import remember
from ..web.forms import KitForm
from ..web.forms import text
from ..web.forms import transaction
from ..web.reverification import with_tokens
from ..web.section import OpenCard
from ..web.section import ProfileSection

if t.TYPE_CHECKING:
    from ..models import User


class RemovalForm(KitForm):
    sign_out_of_other_sessions = BooleanField(default=True)


class PasswordForm(RemovalForm):
    new_password = PasswordField()
    confirm_password = PasswordField()


F = t.TypeVar("F", bound=RemovalForm)


def _sent(form: type[F]) -> t.Callable[[], F]:
    # After a confirmation it is shown and was not sent: a box that is not there is no answer.
    return lambda: form() if FIELD in request.form else form(formdata=None)


def _context(user: User, card: OpenCard | None) -> dict[str, t.Any]:
    kit, identity = current_kit(), required_identity()
    password = own_passwords.read(kit, identity.user_id)
    if card is None:
        return {"password": password}
    # Told before the click; the service decides after it.
    found = inventory.read(kit, identity.user_id)
    refusal = inventory.refusal(kit.config, found, "password", "password")
    form = RemovalForm if card.name == "removal" else PasswordForm
    return {
        "password": password,
        "removal_refusal": refusal.message if refusal else None,
        "form": form(formdata=None),
    }


SECTION = ProfileSection(
    "password",
    page="security",
    context=_context,
    is_active=lambda: current_kit().config.password != "off",
    outcomes={
        "password": lambda: _("Your password is saved."),
        "password-removal": lambda: _("Your password is removed."),
    },
)


@blueprint.post("/password")
@SECTION.form_view(_sent(PasswordForm))
def update_password(form: PasswordForm) -> ResponseReturnValue:
    password = text(form.new_password.data)
    if password != text(form.confirm_password.data):
        raise FormError(_("The two passwords are not the same."), param="confirm_password")
    with transaction() as db:
        changed = own_passwords.update_password(
            db,
            required_identity(),
            new_password=password,
            sign_out_of_other_sessions=form.sign_out_of_other_sessions.data,
            device=known_devices(),
        )
    return _saved(changed, "password")


@blueprint.post("/password/removal")
@SECTION.form_view(_sent(RemovalForm), card="removal")
def remove_password(form: RemovalForm) -> ResponseReturnValue:
    with transaction() as db:
        changed = own_passwords.remove_password(
            db,
            required_identity(),
            sign_out_of_other_sessions=form.sign_out_of_other_sessions.data,
            device=known_devices(),
        )
    return _saved(changed, "password-removal")


def _saved(changed: SignedIn | None, outcome: str) -> ResponseReturnValue:
    if changed is None:
        return SECTION.saved(outcome)
    # What follows is for the browser with its new token.
    state().keep_token(changed.token)
    return remember(changed.device, with_tokens(SECTION.saved(outcome)))
