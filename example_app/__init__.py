"""Reading list: a small product with accounts by flask-userkit."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from pathlib import Path

from flask import Flask

from flask_userkit import MenuAction
from flask_userkit import MenuLink
from flask_userkit import ProfilePage

from . import hooks as hooks
from .api import api
from .demo import demo
from .errors import install_errors
from .extensions import csrf
from .extensions import userkit
from .gallery import gallery
from .headers import add_headers
from .keys import kept_secret
from .models import create_tables
from .provider import NAME as MEADOW
from .provider import connection as meadow
from .provider import is_at_home
from .provider import provider
from .reading_goal import SECTION as GOAL_SECTION
from .reading_goal import reading_goal
from .shelf import shelf
from .statistics import PAGE as STATISTICS_PAGE
from .statistics import SECTION as STATISTICS_SECTION
from .statistics import statistics
from .views import day
from .views import views

INSTANCE = Path(__file__).parent / "instance"
DEFAULTS = {
    "MAX_CONTENT_LENGTH": 1024 * 1024,
    # Cookies know no port: another app on localhost has a cookie called "session", too.
    "SESSION_COOKIE_NAME": "reading_list",
    "SESSION_COOKIE_SAMESITE": "Lax",
    "USERKIT_AFTER_SIGN_IN_URL": "/my-list",
    "USERKIT_AFTER_SIGN_UP_URL": "/my-list",
    "USERKIT_APP_NAME": "Reading list",
    "USERKIT_LOCALES": ["en"],
    "USERKIT_USERNAME": "optional",
    "USERKIT_PHONE_NUMBER": "optional",
    # A form that was left open for an hour is still this person's form.
    "WTF_CSRF_TIME_LIMIT": None,
}

userkit.add_section(GOAL_SECTION)
userkit.add_page(STATISTICS_PAGE)
userkit.add_section(STATISTICS_SECTION)
userkit.add_page(ProfilePage("my-list", "My list", icon="bookmark", url="/my-list"))
userkit.add_menu_item(MenuAction("Your reading", open="statistics", icon="eye"))
userkit.add_menu_item(MenuLink("Settings", href="/settings", icon="pencil"))


def create_app(
    config: Mapping[str, t.Any] | None = None, *, instance_path: str | Path = INSTANCE
) -> Flask:
    """Return the app.

    :param config: settings that win over those of the environment (``FLASK_…``).
    :param instance_path: folder of the database, the keys and the kept mail.
    """
    app = Flask(__name__, instance_path=str(instance_path))
    app.config.from_mapping(DEFAULTS)
    app.config.from_prefixed_env()
    app.config.from_mapping(config or {})
    _add_keys(app)
    if is_at_home(app):
        _add_provider(app)
    csrf.init_app(app)
    userkit.init_app(app)
    app.register_blueprint(views)
    app.register_blueprint(api)
    app.register_blueprint(reading_goal)
    app.register_blueprint(statistics)
    app.register_blueprint(gallery)
    app.add_template_filter(day)
    app.after_request(add_headers)
    app.cli.add_command(demo)
    install_errors(app)
    if app.debug:
        # The kit has just brought its own tables up to date; elsewhere `flask demo` does both.
        with app.app_context():
            create_tables()
    return app


def _add_keys(app: Flask) -> None:
    """Set what an app in production gets from its environment."""
    folder = Path(app.instance_path)
    for name in ("SECRET_KEY", "API_KEY"):
        if not app.config.get(name):
            app.config[name] = kept_secret(folder, name.lower())
    base_url = str(app.config.get("USERKIT_BASE_URL") or "")
    app.config["SESSION_COOKIE_SECURE"] = base_url.startswith("https://")


def _add_provider(app: Flask) -> None:
    """Serve Meadow ID beside the app, and let people come by it."""
    app.register_blueprint(provider)
    app.register_blueprint(shelf)
    given = app.config.get("USERKIT_CONNECTIONS") or {}
    app.config["USERKIT_CONNECTIONS"] = {MEADOW: meadow(app), **given}
