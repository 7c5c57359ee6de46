"""What other processes do: send until they are killed."""

from __future__ import annotations

import time

from flask_userkit.services.outbox import deliver_next
from tests.races.workers import Scene


def send_for_ever(scene: Scene) -> None:
    """Send what is in the outbox; it ends by being killed."""
    app = scene.open()
    with app.app_context():
        kit = app.extensions["userkit"].kit
        while True:
            if not deliver_next(kit):
                time.sleep(0.01)
