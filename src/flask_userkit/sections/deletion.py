"""Delete account: for good, once that is typed and proven to be meant."""

from __future__ import annotations

import typing as t

from flask.typing import ResponseReturnValue
from wtforms import StringField

from ..current import current_identity
from ..current import required_identity
from ..request_state import current_kit
from ..services import deletions
from ..web.blueprint import blueprint
from ..web.device_cookie import forget_device
from ..web.forms import KitForm
from ..web.forms import transaction
from ..web.leaving import leave
from ..web.section import OpenCard
from ..web.section import ProfileSection

if t.TYPE_CHECKING:
    from ..models import User


class DeletionForm(KitForm):
    confirmation = StringField()


def _is_active() -> bool:
    identity = current_identity()
    return current_kit().config.delete_self and bool(identity and identity.delete_self_enabled)


def _context(user: User, card: OpenCard | None) -> dict[str, t.Any]:
    context: dict[str, t.Any] = {"phrase": deletions.phrase(), "identity": current_identity()}
    return context | ({"form": DeletionForm(formdata=None)} if card is not None else {})


SECTION = ProfileSection("deletion", page="security", context=_context, is_active=_is_active)


@blueprint.post("/deletion")
@SECTION.form_view(DeletionForm)
def delete_account(form: DeletionForm) -> ResponseReturnValue:
    identity = required_identity()
    with transaction() as db:
        deletions.delete_own_account(db, identity, form.confirmation.data)
    return forget_device(leave())
