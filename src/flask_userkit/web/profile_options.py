"""What an app asked of the profile where it shows it, on its way through the profile's forms."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Generator
from collections.abc import Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request
from flask import url_for
from markupsafe import Markup

from ..request_state import current_kit
from .urls import page_url

#: What an address says of the profile on its page: which page, which card is open, what was done,
#: where a long list goes on.
PAGE, EDIT, SAVED, AFTER = "profile", "edit", "saved", "after"
ALL = (PAGE, EDIT, SAVED, AFTER)
#: The page at the address of the account itself.
FIRST = "account"
FIELD = "userkit_profile"
_PURPOSE = "profile-options"


@dataclass(frozen=True, slots=True)
class ProfileOptions:
    """What ``user_profile()`` was given. It decides what is shown, never what is allowed.

    :param pages: the pages to show, in this order; None shows all.
    :param sections: the sections to show, in this order; None shows all.
    :param hide: sections to leave out.
    :param read_only: sections to show without their forms.
    :param page: the page that is shown where the address names none.
    :param home: the app's page that the profile stands in; None on the kit's own.
    :param heading_level: of the titles of its sections.
    :param oauth_scopes: by provider, what is asked for besides what its connection asks for.
    """

    pages: tuple[str, ...] | None = None
    sections: tuple[str, ...] | None = None
    hide: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    page: str = FIRST
    home: str | None = None
    heading_level: int = 2
    oauth_scopes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(
        cls,
        pages: Iterable[str] | None = None,
        sections: Iterable[str] | None = None,
        hide: Iterable[str] = (),
        read_only: Iterable[str] = (),
        page: str = FIRST,
        home: str | None = None,
        heading_level: int = 2,
        oauth_scopes: Iterable[tuple[str, Iterable[str]]] = (),
    ) -> ProfileOptions:
        """Return options from any lists of names."""
        return cls(
            None if pages is None else tuple(pages),
            None if sections is None else tuple(sections),
            tuple(hide),
            tuple(read_only),
            page,
            home,
            heading_level,
            tuple((provider, tuple(scopes)) for provider, scopes in oauth_scopes),
        )

    def url(self, page: str, **query: str) -> str:
        """Return the address of a page of the profile."""
        if self.home is None:
            at = page_url("user_profile") if page == FIRST else _page_url(page)
            return f"{at}?{urlencode(query)}" if query else at
        path, _question, kept = self.home.partition("?")
        named = {} if page == self.page else {PAGE: page}
        added = "&".join(part for part in (kept, urlencode({**named, **query})) if part)
        return f"{path}?{added}" if added else path


def _page_url(page: str) -> str:
    return url_for("userkit.user_profile", page=page)


_NOTHING = Markup()
DEFAULT = ProfileOptions()
_options: ContextVar[ProfileOptions] = ContextVar("userkit_profile", default=DEFAULT)


@contextmanager
def using(options: ProfileOptions) -> Generator[None]:
    """Let the forms that are rendered meanwhile carry these options."""
    token = _options.set(options)
    try:
        yield
    finally:
        _options.reset(token)


def current_options() -> ProfileOptions:
    """Return the options of the profile that is being rendered."""
    return _options.get()


def options_field() -> Markup:
    """Return the hidden field by which a form brings its options back."""
    options = current_options()
    if options is DEFAULT:
        return _NOTHING
    text = json.dumps(asdict(options), separators=(",", ":"))
    signed = base64.urlsafe_b64encode(current_kit().keys.mac(_PURPOSE, text) + text.encode())
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, signed.decode())


def sent_options() -> ProfileOptions:
    """Return the options that the form of this request brought back, if it was ours."""
    try:
        signed = base64.urlsafe_b64decode(request.form.get(FIELD, "").encode("ascii"))
        mac, text = signed[:32], signed[32:].decode()
    except (UnicodeError, binascii.Error):
        return DEFAULT
    if not current_kit().keys.verify_mac(_PURPOSE, text, mac):
        return DEFAULT
    try:
        return ProfileOptions.of(**json.loads(text))
    except TypeError:
        # Made by another version of the kit, in a page that was open meanwhile.
        return DEFAULT
