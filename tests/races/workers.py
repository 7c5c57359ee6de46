"""What each process of a race does; several threads of it do it at once."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Callable
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.models import User
from tests.races import naive
from tests.races import pause
from tests.rig.host import close
from tests.rig.host import create_app

Racer = Generator[None, None, list[str]]
#: It ends what hangs, and must not end what is slow.
PATIENCE = 200


@dataclass(frozen=True)
class Scene:
    """Where a race takes place: one deployment, in any number of processes.

    :param missing: the guard that this build lacks.
    """

    url: str
    folder: Path
    secret: str
    settings: tuple[tuple[str, t.Any], ...] = ()
    missing: str | None = None

    def open(self) -> Flask:
        """Return the app, in this process."""
        defaults: dict[str, t.Any] = {
            "DEBUG": True,
            "SECRET_KEY": self.secret,
            "TESTING": True,
            "USERKIT_DATABASE_URL": self.url,
            "USERKIT_OUTBOX": "worker",
            "USERKIT_PASSWORD_HASH": "fast",
        }
        return create_app(self.folder, **{**defaults, **dict(self.settings)})


def run(
    scene: Scene, threads: int, work: Callable[[UserKit[User], int, t.Any], object], given: t.Any
) -> Racer:
    """Do the same in so many threads, and return what became of each.

    :param work: takes the kit, the number of the thread and what was given. A refusal counts by
        its code, another exception by its name; a list counts as what it holds, all else as done.
    """
    app = scene.open()
    if scene.missing:
        naive.install(scene.missing)
        pause.begin(threads)
    userkit = t.cast("UserKit[User]", app.extensions["userkit"])
    ready = threading.Barrier(threads)

    def one(number: int) -> list[str]:
        with app.app_context():
            with userkit.kit.database.reading() as connection:
                connection.exec_driver_sql("SELECT 1")
            ready.wait(PATIENCE)
            started.wait(PATIENCE)
            try:
                done = work(userkit, number, given)
            except UserKitError as error:
                return [error.code]
            except Exception as error:
                return [f"{type(error).__name__}: {error}"]
            finally:
                pause.ended()
            return done if isinstance(done, list) else [f"done {done or ''}".strip()]

    started = threading.Event()
    with ThreadPoolExecutor(threads) as pool:
        outcomes = [pool.submit(one, number) for number in range(threads)]
        yield
        started.set()
        found = [name for outcome in outcomes for name in outcome.result(PATIENCE)]
    close(app)
    return found
