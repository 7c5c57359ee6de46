"""The Flask extension."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from urllib.parse import quote
from weakref import WeakSet

from flask import Flask
from flask import current_app
from flask import has_app_context
from sqlalchemy.orm import Session

from . import jinja
from . import models
from . import translations
from .config import Config
from .config import load_config
from .connections.connection import Connection
from .current import caller
from .current import current_user
from .delivery.breaches import BreachChecker
from .delivery.sms import SmsSender
from .errors import SetupError
from .errors import UserKitError
from .facade import Binder
from .facade import EmailAddresses
from .facade import PhoneNumbers
from .facade import Sessions
from .facade import Users
from .models.person import Person
from .pages import install as install_pages
from .pages import sign_in_form
from .pages import sign_up_form
from .request_state import request_locale
from .request_state import unproxied
from .request_state import will_write
from .sections import PAGES
from .sections import SECTIONS
from .security.keys import KeyRing
from .security.passwords import Passwords
from .services import data_export_work
from .services.events import emit_failure
from .services.hooks import BeforeUserDeletion
from .services.hooks import DataExporter
from .services.hooks import Exporting
from .services.hooks import Hooks
from .services.kit import INFO_KEY
from .services.kit import Kit
from .services.limits import Limits
from .services.outbox_thread import OutboxThread
from .setup import SharedDatabase
from .setup import check
from .setup import choose_breach_checker
from .setup import choose_database
from .setup import choose_sender
from .setup import choose_sms_sender
from .web import htmx
from .web import responses
from .web.avatars import avatar_url
from .web.blueprint import show_error
from .web.menu import MenuItem
from .web.profile import TAKEN
from .web.profile import ProfilePage
from .web.profile import insert
from .web.section import ProfileSection

if t.TYPE_CHECKING:
    from typing_extensions import TypeVar

    U = TypeVar("U", bound=models.User, default=models.User)
else:
    U = t.TypeVar("U", bound=models.User)

#: Where an app keeps its kit, among its extensions.
_KIT = "userkit.kit"
E = t.TypeVar("E", bound=DataExporter)
D = t.TypeVar("D", bound=BeforeUserDeletion)


class UserKit(t.Generic[U]):
    """Users for a Flask app: sign-up, sign-in, the button, the account page, the API.

    :param app: the app; or call ``init_app`` later.
    :param db: the app's own database, to share its session and its metadata.
    :param user_class: the app's subclass of ``flask_userkit.models.User``.
    :param sms_sender: what sends text messages, in place of what ``USERKIT_SMS_URL`` names.
    :param breach_checker: what knows stolen passwords, in place of Have I Been Pwned.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        db: SharedDatabase | None = None,
        user_class: type[U] | None = None,
        sms_sender: SmsSender | None = None,
        breach_checker: BreachChecker | None = None,
    ) -> None:
        self._db = db
        self._sms_sender = sms_sender
        self._breach_checker = breach_checker
        self._user_class = user_class
        # Each app keeps its own kit: one kept here would keep its app, for as long as this lives.
        self._apps: WeakSet[Flask] = WeakSet()
        self.pages: list[ProfilePage] = list(PAGES)
        self.sections: list[ProfileSection] = list(SECTIONS)
        self.menu_items: list[MenuItem] = []
        self._hooks = Hooks()
        self._connections: list[Connection] = []
        bind = Binder(lambda: self.kit)
        self.users = Users(bind)
        self.email_addresses = EmailAddresses(bind)
        self.phone_numbers = PhoneNumbers(bind)
        self.sessions = Sessions(bind)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Set an app up.

        :raises SetupError: what is missing, and what to run.
        """
        if "userkit" in app.extensions:
            raise SetupError("This app has a UserKit already; one is enough.")
        kit = self._make_kit(app)
        app.extensions["userkit"] = self
        app.extensions[_KIT] = kit
        self._apps.add(app)
        translations.set_resolver(request_locale)
        Person.image_address = avatar_url
        htmx.install(app)
        jinja.install(app, sign_in_form=sign_in_form, sign_up_form=sign_up_form)
        install_pages(app, kit.config.url_prefix, development=kit.development)
        app.register_error_handler(UserKitError, show_error)
        # The app's hooks run before it, whenever they were registered: one may ask who this is.
        app.after_request_funcs.setdefault(None, []).insert(0, responses.finish)
        check(app, kit)

    @property
    def kit(self) -> Kit:
        """The parts of the current app's kit; outside of an app, those of the only one.

        :raises SetupError: there is no current app, and several or none were set up.
        """
        if has_app_context():
            app = unproxied(current_app)
            if app in self._apps:
                return _kit_of(app)
            raise SetupError("This UserKit was not given the current app. Call init_app(app).")
        if len(self._apps) == 1:
            return _kit_of(next(iter(self._apps)))
        raise SetupError("There is no current app. Use this inside `with app.app_context():`.")

    def add_page(self, page: ProfilePage, *, before: str | None = None) -> None:
        """Add a page to the profile; it is there while one of its sections is.

        :param before: the page that it stands before; by default it is the last.
        :raises SetupError: its name is taken, or the first page would be a link.
        """
        pages = insert(self.pages, page, before)
        if pages[0].url:
            raise SetupError("The first page of the profile cannot be a link.")
        # A browser takes dots alone for the way to another folder.
        is_part = quote(page.name, safe="") == page.name and page.name.strip(".")
        if page.name in TAKEN or not is_part:
            raise SetupError(f"A page cannot be called {page.name!r}: it is a part of its address.")
        self.pages = pages

    def add_section(self, section: ProfileSection, *, before: str | None = None) -> None:
        """Add a section to a page of the profile.

        :param before: the section that it stands before; by default it is the last of its page.
        :raises SetupError: its name is taken, or there is no such page.
        """
        if section.page not in [page.name for page in self.pages]:
            raise SetupError(f"There is no page {section.page!r}. Add it first, by add_page().")
        self.sections = insert(self.sections, section, before)

    def add_menu_item(self, item: MenuItem) -> None:
        """Add an item to the menu of every account button that does not declare its own.

        :param item: a ``MenuLink``, a ``MenuAction``, or the name of an item of the menu's own
            (``manage_account``, ``sign_out``), which is put here.
        """
        self.menu_items.append(item)

    def add_connection(self, connection: Connection) -> None:
        """Let people sign in with a provider, by a description of the app's own.

        :raises SetupError: its name is taken.
        """
        known = {each.name for each in self._connections}
        kits = [_kit_of(app) for app in self._apps]
        known.update(*(kit.config.connections or {} for kit in kits))
        if connection.name in known:
            raise SetupError(f"There is a connection {connection.name!r} already.")
        self._connections.append(connection)
        for kit in kits:
            kit.config = _with_connections(kit.config, [connection])

    @t.overload
    def data_exporter(self, export: E) -> E: ...

    @t.overload
    def data_exporter(self, *, slow: bool) -> Callable[[E], E]: ...

    def data_exporter(self, export: E | None = None, *, slow: bool = False) -> E | Callable[[E], E]:
        """Add what the app has stored about somebody to the export of their data.

        It gets the user, and returns the files: names, and for each what JSON can hold, a text or
        bytes.

        :param slow: nobody waits for it; each export is then prepared through the outbox.
        """

        def add(export: E) -> E:
            self._hooks.data_exporters.append(Exporting(export, slow))
            return export

        return add if export is None else add(export)

    def before_user_deletion(self, act: D) -> D:
        """Do something before a user is deleted, in the same transaction.

        It gets the user. A ``UserKitError`` that it raises is told to who asked for the deletion,
        and nothing is deleted.
        """
        self._hooks.before_user_deletion.append(act)
        return act

    @property
    def current_user(self) -> U:
        """The signed-in user, typed as the app's class; false when nobody is."""
        return t.cast(U, current_user)

    @property
    def clock(self) -> Callable[[], dt.datetime]:
        """What tells the time, as an aware datetime; tests set their own."""
        return self.kit.clock

    @clock.setter
    def clock(self, clock: Callable[[], dt.datetime]) -> None:
        self.kit.clock = clock

    def transaction(self) -> AbstractContextManager[Session]:
        """Run a transaction that calls of the kit join.

        On the kit's own engine it commits at the end; with the app's session it flushes, and
        the app commits.
        """
        return self.kit.database.transaction()

    def close(self) -> None:
        """Stop the outbox and close the connections of the current app's kit."""
        self.kit.outbox.stop()
        self.kit.database.dispose()

    def _make_kit(self, app: Flask) -> Kit:
        settings = t.cast("Mapping[str, t.Any]", app.config)
        secret = settings.get("SECRET_KEY")
        if not secret:
            raise SetupError(
                "SECRET_KEY is not set. Run `flask userkit create-secret-key` and put what it "
                "prints into the app's configuration."
            )
        config = _with_connections(load_config(settings), self._connections)
        development = bool(app.debug or app.testing)
        database = choose_database(app, config, self._db)
        kit = Kit(
            config=config,
            app_name=config.app_name or app.name,
            database=database,
            keys=KeyRing(secret, settings.get("SECRET_KEY_FALLBACKS") or ()),
            passwords=Passwords(fast=config.password_hash == "fast"),
            email_sender=choose_sender(app, config, development=development),
            render_mail=jinja.mail_renderer(app),
            sms_sender=choose_sms_sender(app, config, self._sms_sender, development=development),
            render_sms=jinja.sms_renderer(app),
            breach_checker=choose_breach_checker(config, self._breach_checker),
            signal_sender=self,
            locales=config.locales or translations.available_locales(),
            development=development,
            caller=caller,
            works={"data_export": data_export_work.prepare},
            hooks=self._hooks,
            app_context=app.app_context,
        )
        # What is wrong with the settings of one is said at once, and not to who signs in.
        kit.connections.all()
        kit.limits = Limits(kit)
        kit.outbox = OutboxThread(kit, enabled=config.outbox == "thread")
        database.info[INFO_KEY] = kit
        database.writes = will_write
        database.after_rollback = lambda error: emit_failure(kit, error)
        return kit


def _kit_of(app: Flask) -> Kit:
    return t.cast(Kit, app.extensions[_KIT])


def _with_connections(config: Config, more: Iterable[Connection]) -> Config:
    added = {connection.name: connection for connection in more}
    return replace(config, connections={**(config.connections or {}), **added}) if added else config
