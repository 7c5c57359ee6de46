"""What other processes do: send, or sign people up, until they are killed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from flask_userkit.services import outbox
from flask_userkit.services.limits import DEFAULTS
from tests.races import naive
from tests.races.workers import Scene
from tests.rig.people import new_address
from tests.services.acts import begin_sign_up

BROWSERS = 3
UNLIMITED = dict.fromkeys(DEFAULTS, "100000/minute")


def send_for_ever(scene: Scene) -> None:
    """Send what is in the outbox; it ends by being killed."""
    app = scene.open()
    if scene.missing:
        naive.install(scene.missing)
    with app.app_context():
        kit = app.extensions["userkit"].kit
        while True:
            if not outbox.deliver_next(kit):
                time.sleep(0.01)


def sign_up_for_ever(scene: Scene) -> None:
    """Sign people up who are sent their codes by this very process."""
    own = (("USERKIT_OUTBOX", "thread"), ("USERKIT_RATE_LIMITS", UNLIMITED))
    app = replace(scene, settings=(*scene.settings, *own)).open()

    def one(_number: int) -> None:
        with app.app_context():
            while True:
                begin_sign_up(app.extensions["userkit"], new_address())

    with ThreadPoolExecutor(BROWSERS) as browsers:
        list(browsers.map(one, range(BROWSERS)))
