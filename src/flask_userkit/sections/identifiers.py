"""What the sections of email addresses and of phone numbers have in common."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import StringField

from ..current import required_identity
from ..request_state import current_kit
from ..services import identifier_limits
from ..services import identifier_rows
from ..services import own_identifiers
from ..services.identifier_kinds import IdentifierKind
from ..web.blueprint import blueprint
from ..web.forms import KitForm
from ..web.forms import text
from ..web.forms import transaction
from ..web.profile import Text
from ..web.profile import text_of
from ..web.section import OpenCard
from ..web.section import ProfileSection
from ..web.urls import page_url

if t.TYPE_CHECKING:
    from ..models import User

#: The cards that open under a row, and the templates of them.
_CARDS = {"verification": "_verify.html", "primary": "_primary.html", "removal": "_remove.html"}
Context = dict[str, t.Any]


class CodeForm(KitForm):
    code = StringField()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierSection:
    """A section that lists what somebody signs in with, and its views.

    :param kind: what it lists.
    :param form: of what is added; its field is named as the kind is.
    :param path: the noun in its addresses.
    :param outcomes: the sentences of what its forms do.
    :param is_proven: the sentence of one that was proven elsewhere.
    :param more: returns what its own templates need besides.
    """

    kind: IdentifierKind
    form: type[KitForm]
    path: str
    outcomes: Mapping[str, Text]
    is_proven: Text
    more: Callable[[], Context] = dict[str, t.Any]

    def make(self) -> ProfileSection:
        """Return the section, its views registered."""
        kind, name = self.kind, self.kind.name
        section = ProfileSection(
            f"{name}es" if name.endswith("ss") else f"{name}s",
            context=self._context,
            is_active=lambda: kind.requirement(current_kit().config) != "off",
            outcomes=self.outcomes,
        )

        @section.form_view(self.form)
        def create(form: KitForm) -> ResponseReturnValue:
            typed, country = text(form[name].data), form.data.get("country")
            with transaction() as db:
                created = own_identifiers.create(db, kind, required_identity(), typed, country)
            return section.opened(OpenCard("verification", created))

        @section.form_view(CodeForm, card="verification")
        def attempt_verification(form: CodeForm, id: str) -> ResponseReturnValue:
            code = text(form.code.data)
            with transaction() as db:
                own_identifiers.attempt_verification(db, kind, required_identity(), id, code)
            return section.saved(self._outcome())

        @section.form_view(KitForm, card="verification")
        def deliver_verification(form: KitForm, id: str) -> ResponseReturnValue:
            with transaction() as db:
                own_identifiers.prepare_verification(db, kind, required_identity(), id)
            again = self._outcome("message") if "again" in request.form else ""
            return section.opened(OpenCard("verification", id), again)

        @section.form_view(KitForm, card="primary")
        def set_primary(form: KitForm, id: str) -> ResponseReturnValue:
            with transaction() as db:
                own_identifiers.set_primary(db, kind, required_identity(), id)
            return section.saved(self._outcome("primary"))

        @section.form_view(KitForm, card="removal")
        def remove(form: KitForm, id: str) -> ResponseReturnValue:
            with transaction() as db:
                own_identifiers.remove(db, kind, required_identity(), id)
            return section.saved(self._outcome("removal"))

        one = f"{self.path}/<id>"
        for rule, endpoint, view in (
            (self.path, f"create_{name}", create),
            (f"{one}/verification", f"attempt_{name}_verification", attempt_verification),
            (f"{one}/verification/delivery", f"deliver_{name}_verification", deliver_verification),
            (f"{one}/primary", f"set_primary_{name}", set_primary),
            (f"{one}/removal", f"remove_{name}", remove),
        ):
            blueprint.add_url_rule(rule, endpoint, view, methods=["POST"])
        return section

    def _outcome(self, what: str = "") -> str:
        stem = self.kind.name.replace("_", "-")
        return f"{stem}-{what}" if what else stem

    def _context(self, user: User, card: OpenCard | None) -> Context:
        kit, kind = current_kit(), self.kind
        identity = required_identity()
        rows = identifier_rows.rows(kit, kind, identity.user_id, identity.client_id)
        wanted = card.id if card and card.name in _CARDS else None
        about = next((row for row in rows if row.id == wanted), None)
        locked = kind.requirement(kit.config) == "locked"
        unverified = sum(not row.verified for row in rows)
        refusal = identifier_limits.refusal(
            kit.config, kind, there=len(rows), unverified=unverified
        )
        can_add = not locked and refusal is None
        context: Context = {
            "rows": rows,
            "cards": _CARDS,
            "url": page_url(f"create_{kind.name}"),
            # The row that a card is open under; a refused form may be about one that is gone.
            "about": about,
            "can_add": can_add,
            # Told where the link would be; an app that locks them says so by other means.
            "add_refusal": refusal.message if refusal and not locked else None,
            "locked": locked,
            "by_link": kind.by_link(kit.config),
            "by_text": kind.by_text,
        }
        if card is None:
            return context
        if card.name == "verification" and about and about.verified:
            # It was proven in another tab, or by the link that this page has waited for.
            return context | {"card": None, "status": text_of(self.is_proven)}
        if card == OpenCard() and not can_add:
            return context | {"card": None}
        make_form = CodeForm if card.name == "verification" else self.form
        return context | self.more() | {"form": make_form(formdata=None)}
