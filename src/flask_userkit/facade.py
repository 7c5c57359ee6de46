"""The Python API as apps call it: ``userkit.users.create_user(…)``, in a request or outside."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from functools import wraps

from sqlalchemy.orm import Session

from .current import current_identity
from .request_state import existing_state
from .services import app_email_addresses
from .services import app_external_accounts
from .services import app_phone_numbers
from .services import avatars
from .services import lockouts
from .services import oauth_tokens
from .services import session_list
from .services import sessions
from .services import user_list
from .services import user_rows
from .services import users
from .services.kit import Kit
from .services.locks import savepoint

P = t.ParamSpec("P")
R = t.TypeVar("R")


class Binder:
    """Makes a service callable without its session: one call is one transaction.

    Inside ``with userkit.transaction():`` it joins that one.
    """

    def __init__(self, kit: Callable[[], Kit]) -> None:
        self._kit = kit

    def __call__(
        self, service: Callable[t.Concatenate[Session, P], R], *, write: bool = True
    ) -> Callable[P, R]:
        @wraps(service)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            database = self._kit().database

            def once() -> R:
                with database.transaction(write=write) as db:
                    return service(db, *args, **kwargs)

            def joining() -> R:
                # A call that is refused leaves nothing behind, whatever its caller does next.
                with database.transaction() as db, savepoint(db):
                    return service(db, *args, **kwargs)

            joined = database.shared or database.current() is not None
            if write and not joined:
                # It is written down as an act of theirs. Not later: it reads by a connection of
                # its own.
                current_identity()
            result = joining() if joined and write else database.retrying(once)
            found = existing_state()
            if found is not None:
                found.forget()
            return result

        return call

    def alone(self, work: Callable[t.Concatenate[Kit, P], R]) -> Callable[P, R]:
        """Make a service callable that opens transactions of its own, beside the app's.

        It waits for others, so that none of the app's may be open meanwhile on the kit's engine.
        """

        @wraps(work)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            return work(self._kit(), *args, **kwargs)

        return call


class Users:
    """``userkit.users``."""

    def __init__(self, bind: Binder) -> None:
        self.get_user_oauth_access_token = bind.alone(oauth_tokens.get_user_oauth_access_token)
        self.delete_user_external_account = bind(app_external_accounts.delete_user_external_account)
        self.create_user = bind(users.create_user)
        self.get_user = bind(user_rows.get_user, write=False)
        self.get_user_list = bind(user_list.get_user_list, write=False)
        self.update_user = bind(users.update_user)
        self.update_user_profile_image = bind(avatars.set_profile_image)
        self.delete_user_profile_image = bind(avatars.remove_profile_image)
        self.ban_user = bind(users.ban_user)
        self.unban_user = bind(users.unban_user)
        self.lock_user = bind(lockouts.lock_user)
        self.unlock_user = bind(lockouts.unlock_user)
        self.delete_user = bind(users.delete_user)


class EmailAddresses:
    """``userkit.email_addresses``."""

    def __init__(self, bind: Binder) -> None:
        self.get = bind(app_email_addresses.get_email_address, write=False)
        self.create = bind(app_email_addresses.create_email_address)
        self.update = bind(app_email_addresses.update_email_address)
        self.delete = bind(app_email_addresses.delete_email_address)


class PhoneNumbers:
    """``userkit.phone_numbers``."""

    def __init__(self, bind: Binder) -> None:
        self.get = bind(app_phone_numbers.get_phone_number, write=False)
        self.create = bind(app_phone_numbers.create_phone_number)
        self.update = bind(app_phone_numbers.update_phone_number)
        self.delete = bind(app_phone_numbers.delete_phone_number)


class Sessions:
    """``userkit.sessions``."""

    def __init__(self, bind: Binder) -> None:
        self.get_session = bind(session_list.get_session, write=False)
        self.get_session_list = bind(session_list.get_session_list, write=False)
        self.revoke_session = bind(sessions.revoke_session)
