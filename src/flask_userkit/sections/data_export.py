"""Your data: a copy of everything that is stored, to be fetched for a day."""

from __future__ import annotations

import typing as t

from flask import Response
from flask import redirect
from flask import request
from flask.typing import ResponseReturnValue

from ..current import required_identity
from ..current import wants_json
from ..errors import ReverificationError
from ..request_state import current_kit
from ..services import data_exports
from ..services.data_exports import Found
from ..translations import gettext as _
from ..web.blueprint import blueprint
from ..web.forms import KitForm
from ..web.forms import transaction
from ..web.guard import page_url
from ..web.profile_options import DEFAULT
from ..web.profile_options import SAVED
from ..web.section import OpenCard
from ..web.section import ProfileSection

if t.TYPE_CHECKING:
    from ..models import User

#: What a browser is told in case it takes a file for a page.
POLICY = "default-src 'none'; sandbox"


def _context(user: User, card: OpenCard | None) -> dict[str, t.Any]:
    identity = required_identity()
    return {"export": data_exports.find(current_kit(), identity.user_id)}


SECTION = ProfileSection(
    "data_export",
    page="security",
    context=_context,
    outcomes={
        "data-export": lambda: _("Your export is ready."),
        "data-export-preparation": lambda: _("Your export is being prepared."),
        "data-export-proof": lambda: _("Thank you. You can download your data now."),
    },
)


@blueprint.post("/data-exports")
@SECTION.form_view(KitForm)
def create_data_export(form: KitForm) -> ResponseReturnValue:
    identity = required_identity()
    # Before the transaction: the app's own part may take its time, and transactions of its own.
    drafted = data_exports.draft(current_kit(), identity)
    with transaction() as db:
        ready = data_exports.create(db, identity, drafted)
    return SECTION.saved("data-export" if ready else "data-export-preparation")


@blueprint.get("/data-exports/<id>")
def data_export(id: str) -> ResponseReturnValue:
    identity = required_identity()
    try:
        if request.method == "HEAD":
            return _file(data_exports.look_at(current_kit(), identity, id))
        with transaction() as db:
            found = data_exports.open_file(db, identity, id)
    except ReverificationError:
        if wants_json():
            raise
        # A file leaves its page as it was, so the proof leads to the page and not to the file.
        back = DEFAULT.url(SECTION.page, **{SAVED: "data-export-proof"})
        return redirect(page_url(back), 303)
    return _file(found)


def _file(found: Found) -> Response:
    content = data_exports.content_of(current_kit(), found.id)
    response = Response(content, content_type="application/zip")
    response.content_length = found.size
    name = f"data-{found.created_at:%Y-%m-%d}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = POLICY
    return response
