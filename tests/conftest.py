"""Loads the fixtures; each set of them has a file in ``tests/rig/fixtures``."""

from __future__ import annotations

pytest_plugins = (
    "pytester",
    "tests.rig.fixtures.garbage",
    "tests.rig.fixtures.strictness",
    "tests.rig.fixtures.templates",
    "tests.rig.fixtures.caches",
    "tests.rig.fixtures.databases",
    "tests.rig.fixtures.apps",
    "tests.rig.fixtures.servers",
    "tests.rig.fixtures.providers",
    "tests.rig.fixtures.browsers",
)
