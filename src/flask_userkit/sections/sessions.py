"""Active devices: where somebody is signed in, and how to sign out of there."""

from __future__ import annotations

import typing as t

from flask import url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from ..current import required_identity
from ..request_state import current_kit
from ..services import own_sessions
from ..services.activity_words import signed_in
from ..services.identity import touch_interval
from ..services.own_sessions import Device
from ..translations import gettext as _
from ..web.blueprint import blueprint
from ..web.device_cookie import known_devices
from ..web.device_cookie import remember
from ..web.forms import KitForm
from ..web.forms import transaction
from ..web.leaving import leave
from ..web.section import OpenCard
from ..web.section import ProfileSection
from ..web.words import device_words

if t.TYPE_CHECKING:
    from ..models import User

#: The cards: one device, or more than one.
ONE, MANY = "revocation", "revocations"
_PHONES = frozenset({"Android", "iOS"})


class ShownDevice(t.NamedTuple):
    """A device on its way to a template."""

    device: Device
    name: str
    icon: str
    way: str
    active_now: bool
    url: str


class RevocationForm(KitForm):
    everywhere = StringField()


def _shown(device: Device, *, current: bool = False) -> ShownDevice:
    kit = current_kit()
    return ShownDevice(
        device,
        device_words(device.browser, device.system),
        "phone" if device.system in _PHONES else "laptop",
        signed_in(device.strategy, kit.connections.labels()),
        current or kit.now() - device.last_active_at < touch_interval(kit),
        url_for("userkit.revoke_session", id=device.id),
    )


def _context(user: User, card: OpenCard | None) -> dict[str, t.Any]:
    about = card.id if card is not None and card.name == ONE else ""
    after = SECTION.after()
    found = own_sessions.list_own(current_kit(), required_identity(), after, about)
    return {
        "current": _shown(found.current, current=True) if found.current else None,
        "others": [_shown(device) for device in (*found.asked, *found.others)],
        "about": about,
        "is_first": not after,
        "older_url": SECTION.after_url(found.older) if found.older else None,
    }


SECTION = ProfileSection(
    "sessions",
    page="security",
    context=_context,
    outcomes={
        "session-revocation": lambda: _("That device is signed out."),
        "session-revocations": lambda: _("All other devices are signed out."),
    },
)


@blueprint.post("/sessions/<id>/revocation")
@SECTION.form_view(KitForm, card=ONE)
def revoke_session(form: KitForm, id: str) -> ResponseReturnValue:
    identity = required_identity()
    with transaction() as db:
        device = own_sessions.revoke_own_session(db, identity, id, known_devices())
    if id == identity.session_id:
        return leave()
    return remember(device, SECTION.saved("session-revocation"))


@blueprint.post("/sessions/revocation")
@SECTION.form_view(RevocationForm, card=MANY)
def revoke_sessions(form: RevocationForm) -> ResponseReturnValue:
    if form.everywhere.data:
        with transaction() as db:
            own_sessions.revoke_every_session(db, required_identity())
        return leave()
    with transaction() as db:
        device = own_sessions.revoke_other_sessions(db, required_identity(), known_devices())
    return remember(device, SECTION.saved("session-revocations"))
