"""What people change about themselves."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from ..config import NameRequirement
from ..errors import ForbiddenError
from ..errors import FormError
from ..errors import FormErrors
from ..models import User
from ..translations import gettext as _
from . import names
from . import user_rows
from . import users
from .kit import kit_of


def update_profile(db: Session, user_id: str, values: Mapping[str, str | None]) -> User:
    """Change one's own names; what is not given stays as it is.

    :param values: ``first_name``, ``last_name``.
    :raises FormErrors: every value that cannot be taken, at once.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off, or locked.
    """
    config = kit_of(db).config
    requirements: dict[str, NameRequirement] = {
        "first_name": config.first_name,
        "last_name": config.last_name,
    }
    clean: dict[str, str | user_rows.Unset | None] = dict.fromkeys(requirements, user_rows.UNSET)
    errors: list[FormError] = []
    for name, value in values.items():
        if requirements[name] in ("off", "locked"):
            raise ForbiddenError(
                _("This cannot be changed here."),
                code="immutable_attribute_modification_not_allowed",
                param=name,
            )
        try:
            clean[name] = names.clean_name(value, name, requirements[name])
        except FormError as error:
            errors.append(error)
    if errors:
        raise FormErrors(errors)
    return users.update_user(
        db, user_id, first_name=clean["first_name"], last_name=clean["last_name"]
    )
