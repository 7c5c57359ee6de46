"""Names and usernames: the rules of what a person is called."""

from __future__ import annotations

from ..config import NameRequirement
from ..errors import FormError
from ..models.user import NAME_LENGTH
from ..security.text import is_plain
from ..security.text import is_visible
from ..security.text import normalize_line
from ..security.usernames import is_reserved
from ..security.usernames import normalize_username
from ..security.usernames import username_problem
from ..translations import gettext as _
from .kit import Kit


def clean_name(value: str | None, param: str, requirement: NameRequirement) -> str | None:
    """Return a name as it is stored, None for none.

    :raises FormError: ``form_param_nil``, ``form_param_max_length_exceeded`` or
        ``form_param_value_invalid``.
    """
    name = normalize_line(value or "") if len(value or "") <= 4 * NAME_LENGTH else value or ""
    if not name:
        if requirement == "required":
            raise FormError(_MISSING[param](), code="form_param_nil", param=param)
        return None
    if len(name) > NAME_LENGTH:
        raise FormError(_TOO_LONG[param](), code="form_param_max_length_exceeded", param=param)
    if not is_plain(name) or not is_visible(name):
        raise FormError(_ODD[param](), param=param)
    return name


def clean_username(kit: Kit, value: str | None, *, required: bool = False) -> str | None:
    """Return a username as it is stored, None for none.

    :raises FormError: ``form_param_nil``, one of ``form_username_…``, or
        ``form_param_value_invalid``: it is reserved, or looks like one that is.
    """
    username = normalize_username(value or "")
    if not username:
        if required:
            raise username_missing()
        return None
    problem = username_problem(username)
    if problem is not None:
        raise FormError(_USERNAME_MESSAGES[problem](), code=problem, param="username")
    if is_reserved(username, [kit.app_name, *(kit.config.username_reserved or ())]):
        raise FormError(_("This username is reserved. Choose another one."), param="username")
    return username


def username_missing() -> FormError:
    """Return the refusal of no username at all."""
    return FormError(_("Enter a username."), code="form_param_nil", param="username")


def username_taken() -> FormError:
    """Return the refusal of a username that somebody has; that is told, as names are public."""
    return FormError(_("This username is taken."), code="form_identifier_exists", param="username")


_USERNAME_MESSAGES = {
    "form_username_invalid_length": lambda: _("A username has 4 to 64 characters."),
    "form_username_invalid_character": lambda: _(
        "A username has letters from a to z and digits, with dashes and underscores between them."
    ),
    "form_username_needs_non_number_char": lambda: _("A username has one letter or more."),
}

_MISSING = {
    "first_name": lambda: _("Enter your first name."),
    "last_name": lambda: _("Enter your last name."),
}
_TOO_LONG = {
    "first_name": lambda: _(
        "The first name has up to %(maximum)s characters.", maximum=NAME_LENGTH
    ),
    "last_name": lambda: _("The last name has up to %(maximum)s characters.", maximum=NAME_LENGTH),
}
_ODD = {
    "first_name": lambda: _("The first name is one line of ordinary characters."),
    "last_name": lambda: _("The last name is one line of ordinary characters."),
}
