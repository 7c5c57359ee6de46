"""Sections of the profile: the unit that is shown, hidden and swapped."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from flask import redirect
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from ..current import current_user
from . import profile
from . import profile_options
from . import prompts
from .forms import FormView
from .forms import form_view
from .htmx import fragment
from .htmx import is_htmx
from .place import place_of_modal
from .place import with_notice

if t.TYPE_CHECKING:
    from ..models import User

F = t.TypeVar("F")
P = t.ParamSpec("P")


#: The card that a section has where it has one.
FORM = "form"


class OpenCard(t.NamedTuple):
    """The card of a section that is open.

    :param name: which of the section's cards; ``form`` is the one that needs no name.
    :param id: the row that it is about, where the section has rows.
    """

    name: str = FORM
    id: str = ""


def _nothing(user: User, card: OpenCard | None) -> dict[str, t.Any]:
    return {}


@dataclass(frozen=True, slots=True)
class ProfileSection:
    """One section of the profile.

    :param name: its stem, in ids, folders and addresses.
    :param page: the page that it stands on.
    :param context: returns what its template needs besides ``user``; the card is the one that is
        open, or None. Forms are for open cards alone.
    :param is_active: whether it is shown at all.
    :param outcomes: what its forms can have done, each with what returns the sentence that
        says so.
    :param failures: what can have gone wrong elsewhere, such as at a provider, each with what
        returns the sentence that says so.
    :param template: its template; by default ``userkit/sections/<name>/section.html``.
    """

    name: str
    page: str = "account"
    context: Callable[[User, OpenCard | None], dict[str, t.Any]] = _nothing
    is_active: Callable[[], bool] = lambda: True
    outcomes: Mapping[str, profile.Text] = field(default_factory=dict[str, profile.Text])
    failures: Mapping[str, profile.Text] = field(default_factory=dict[str, profile.Text])
    template: str = ""

    def render(self, **context: t.Any) -> Markup:
        """Return the section as HTML, its root id included."""
        options = profile_options.current_options()
        said = request.args.get(profile_options.SAVED, "")
        done, failed = self.outcomes.get(said), self.failures.get(said)
        read_only = self.name in options.read_only
        card = None if read_only else context.get("card", self._asked_card())
        values = {
            "card": card,
            "card_url": self._card_url,
            "page_url": options.url(self.page),
            "status": profile.text_of(done) if done else None,
            "alert": profile.text_of(failed) if failed else None,
            "read_only": read_only,
            **self.context(current_user, card),
            **context,
            "user": current_user,
        }
        template = self.template or f"userkit/sections/{self.name}/section.html"
        return Markup(render_template(template, **values))  # noqa: S704 (rendered with autoescape)

    def after(self) -> str:
        """Return where its list is asked to go on, as the address says; empty at its beginning."""
        asked, _dot, cursor = request.args.get(profile_options.AFTER, "").partition(".")
        return cursor if asked == self.name else ""

    def after_url(self, cursor: str) -> str:
        """Return the address at which its list goes on."""
        after = {profile_options.AFTER: f"{self.name}.{cursor}"}
        return profile_options.current_options().url(self.page, **after)

    def saved(self, outcome: str) -> ResponseReturnValue:
        """Answer a form that was taken: htmx with the section, a browser by leading it back.

        :param outcome: what was done; one of ``outcomes``.
        """
        status = profile.text_of(self.outcomes[outcome])
        options = profile_options.sent_options()
        if not is_htmx():
            place, said = place_of_modal(), {profile_options.SAVED: outcome}
            url = with_notice(place, outcome) if place else options.url(self.page, **said)
            return redirect(url, 303)
        with profile_options.using(options):
            section = self.render(card=None, status=status)
        told = render_template("userkit/sections/_saved.html", status=status)
        return fragment(section, told, event="userkit:user-updated")

    def opened(self, card: OpenCard, outcome: str = "") -> ResponseReturnValue:
        """Answer a form that was taken and leads on to a card of this section.

        :param outcome: what is to be said of it; one of ``outcomes``, or nothing.
        """
        options = profile_options.sent_options()
        if not is_htmx():
            said = {profile_options.SAVED: outcome} if outcome else {}
            edit = {profile_options.EDIT: self._edit(card)}
            return redirect(options.url(self.page, **edit, **said), 303)
        status = profile.text_of(self.outcomes[outcome]) if outcome else None
        with profile_options.using(options):
            section = self.render(card=card, status=status)
        if status is None:
            return fragment(section)
        return fragment(section, render_template("userkit/sections/_saved.html", status=status))

    def answer(self, **context: t.Any) -> ResponseReturnValue:
        """Show the section with what went wrong: alone to htmx, else within its page."""
        options = profile_options.sent_options()
        if is_htmx():
            with profile_options.using(options):
                return self.render(**context)
        changed = {self.name: context}
        for given in (options, None):
            found = profile.build(self.page, given, changed)
            if found is not None:
                return render_page(found, form=context.get("form"))
        raise NotFound

    def form_view(
        self, make_form: Callable[[], F], card: str = FORM
    ) -> Callable[[Callable[t.Concatenate[F, P], ResponseReturnValue]], FormView[P]]:
        """Make a view of a form of this section that was sent.

        What its validators or a service refuse is shown in the section, with status 422 and all
        that was typed. A view that takes an ``id`` from its address is about that row.

        :param make_form: its class, or what returns the form of this request.
        :param card: the card that the form stands in.
        """

        def refused(form: t.Any) -> ResponseReturnValue:
            about = OpenCard(card, (request.view_args or {}).get("id", ""))
            prompts.place(self.name, profile_options.sent_options().url(self.page))
            return self.answer(form=form, card=about, status=None)

        return form_view(t.cast("t.Any", make_form), refused)

    def _asked_card(self) -> OpenCard | None:
        asked, *card = request.args.get(profile_options.EDIT, "").split(".", 2)
        return OpenCard(*card) if asked == self.name else None

    def _card_url(self, name: str = FORM, id: str = "") -> str:
        edit = self._edit(OpenCard(name, id))
        return profile_options.current_options().url(self.page, **{profile_options.EDIT: edit})

    def _edit(self, card: OpenCard) -> str:
        if card == (FORM, ""):
            return self.name
        return ".".join(part for part in (self.name, *card) if part)


def render_page(found: profile.Profile, *, form: object | None = None) -> str:
    """Return a whole page of the profile, in the kit's layout."""
    template = "userkit/user_profile/page.html"
    return render_template(template, profile=found, form=form, status=None)
