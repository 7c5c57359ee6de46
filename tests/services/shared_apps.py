"""Apps that share a database of their own with the kit, in each of the ways that there are."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import dataclass

import flask_sqlalchemy
import flask_sqlalchemy_lite
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy import create_engine
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import Session
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship
from sqlalchemy.orm import scoped_session
from sqlalchemy.orm import sessionmaker

from flask_userkit import UserKit
from flask_userkit.models import Base
from flask_userkit.models import User

KINDS = ("Flask-SQLAlchemy", "Flask-SQLAlchemy-Lite", "a session factory")
#: Every way on SQLite, whose driver is the odd one, and every database with the commonest way.
COMBINATIONS = [(kind, "sqlite") for kind in KINDS]
COMBINATIONS += [(KINDS[0], "postgresql"), (KINDS[0], "mariadb")]


class Book(Base):
    """A table of the app's own."""

    __tablename__ = "shared_app_book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    owner_id: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    owner: Mapped[User | None] = relationship(User)


class Factory:
    """A session for each thread and an engine, with no extension around them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.session = scoped_session(sessionmaker(engine))


@dataclass(frozen=True)
class SharedApp:
    """An app with the kit in its own database."""

    app: Flask
    userkit: UserKit[User]
    db: t.Any

    @property
    def session(self) -> Session:
        """The app's session, in the current context."""
        found = self.db.session
        return found if isinstance(found, Session) else t.cast(Session, found())

    def close(self) -> None:
        """Give every connection back."""
        with self.app.app_context():
            self.userkit.close()
            self.db.engine.dispose()


def make_shared_app(kind: str, app: Flask, url: str) -> SharedApp:
    """Return an app that has its own database, and the kit in it."""
    db = _MAKERS[kind](app, url)
    return SharedApp(app, UserKit(app, db=db), db)


def _flask_sqlalchemy(app: Flask, url: str) -> t.Any:
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    _EXTENSION.init_app(app)
    return _EXTENSION


def _flask_sqlalchemy_lite(app: Flask, url: str) -> t.Any:
    app.config["SQLALCHEMY_ENGINES"] = {"default": url}
    return flask_sqlalchemy_lite.SQLAlchemy(app)


def _factory(app: Flask, url: str) -> t.Any:
    factory = Factory(create_engine(url))

    @app.teardown_appcontext
    def remove(_error: BaseException | None) -> None:
        factory.session.remove()

    return factory


_EXTENSION = flask_sqlalchemy.SQLAlchemy(model_class=Base)
_MAKERS: dict[str, Callable[[Flask, str], t.Any]] = dict(
    zip(KINDS, (_flask_sqlalchemy, _flask_sqlalchemy_lite, _factory), strict=True)
)
