"""Connected accounts: at providers that somebody signs in with, connected and disconnected."""

from __future__ import annotations

import typing as t

from flask.typing import ResponseReturnValue
from wtforms import StringField

from ..current import required_identity
from ..request_state import current_kit
from ..request_state import state
from ..services import external_account_rows
from ..services import own_external_accounts
from ..services.oauth_states import Start
from ..translations import gettext as _
from ..web import profile_options
from ..web.blueprint import blueprint
from ..web.forms import KitForm
from ..web.forms import text
from ..web.forms import transaction
from ..web.place import place_of_modal
from ..web.providers import lead_to
from ..web.section import OpenCard
from ..web.section import ProfileSection
from ..web.urls import page_url

if t.TYPE_CHECKING:
    from ..models import User

#: The one card that opens under a row.
REMOVAL = "removal"
#: What coming back without an account is called, where the reason has no sentence of its own.
FAILED = "oauth_failed"


class ConnectionForm(KitForm):
    provider = StringField()


def _context(user: User, card: OpenCard | None) -> dict[str, t.Any]:
    kit = current_kit()
    wanted = dict(profile_options.current_options().oauth_scopes)
    rows = external_account_rows.rows(kit, required_identity().user_id, wanted)
    asked = card.id if card and card.name == REMOVAL else None
    return {
        "rows": rows,
        "about": next((row for row in rows if row.id == asked), None),
        "offered": kit.connections.all(),
        "url": page_url("create_external_account"),
        "form": KitForm(formdata=None) if card else None,
    }


SECTION = ProfileSection(
    "connected_accounts",
    context=_context,
    is_active=lambda: bool(current_kit().config.connections),
    outcomes={
        "external-account": lambda: _("The account is connected."),
        "external-account-again": lambda: _("The account is connected once more."),
        "external-account-removal": lambda: _("The account is disconnected."),
    },
    failures={
        FAILED: lambda: _("The account could not be connected. Try again."),
        "oauth_access_denied": lambda: _("Nothing was shared, so nothing was connected."),
        "oauth_token_exchange_error": lambda: _("The provider refused the request. Try again."),
        "oauth_fetch_user_error": lambda: _(
            "The provider does not answer as it should, so nothing was connected. Try again later."
        ),
        "external_account_exists": lambda: _(
            "That account is connected to somebody else here. Sign in with it, or disconnect it"
            " there first."
        ),
        "oauth_account_mismatch": lambda: _(
            "That was another account of the provider. Choose the one that is connected."
        ),
    },
)


@blueprint.post("/connected-accounts")
@SECTION.form_view(ConnectionForm)
def create_external_account(form: ConnectionForm) -> ResponseReturnValue:
    provider = text(form.provider.data)
    with transaction() as db:
        start = own_external_accounts.prepare(
            db,
            state().token,
            required_identity(),
            provider,
            return_to=_place(),
            scopes=_scopes().get(provider, ()),
        )
    return _leave(start, provider)


@blueprint.post("/connected-accounts/<id>/reconnection")
@SECTION.form_view(KitForm, card="reconnection")
def reconnect_external_account(form: KitForm, id: str) -> ResponseReturnValue:
    with transaction() as db:
        start, provider = own_external_accounts.prepare_reauthorization(
            db, state().token, required_identity(), id, return_to=_place(), scopes=_scopes()
        )
    return _leave(start, provider)


@blueprint.post("/connected-accounts/<id>/removal")
@SECTION.form_view(KitForm, card=REMOVAL)
def remove_external_account(form: KitForm, id: str) -> ResponseReturnValue:
    with transaction() as db:
        own_external_accounts.remove(db, required_identity(), id)
    return SECTION.saved("external-account-removal")


def _leave(start: Start, provider: str) -> ResponseReturnValue:
    state().keep_token(start.token)
    return lead_to(start.url, current_kit().connections.labels()[provider])


def _scopes() -> dict[str, tuple[str, ...]]:
    return dict(profile_options.sent_options().oauth_scopes)


def _place() -> str:
    """Return where it goes on afterwards: the page that the section is shown on."""
    return place_of_modal() or profile_options.sent_options().url(SECTION.page)
