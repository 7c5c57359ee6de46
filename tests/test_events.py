"""Every name of an event is one that happens."""

from __future__ import annotations

import ast

import pytest

from flask_userkit import EventName
from flask_userkit import signal
from tests.rig.artifacts import ROOT

PACKAGE = ROOT / "src" / "flask_userkit"


def used_names() -> set[str]:
    """Return every ``EventName.…`` that a service names."""
    return {
        node.attr
        for path in (PACKAGE / "services").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "EventName"
    }


@pytest.mark.parametrize("name", EventName)
def test_some_service_emits_it(name: EventName) -> None:
    assert name.name in used_names()


@pytest.mark.parametrize("name", EventName)
def test_it_is_a_resource_and_what_happened_to_it(name: EventName) -> None:
    resource, *_, happened = name.value.split(".")
    assert resource
    assert happened.isidentifier()
    assert happened == happened.lower()
    assert len(name.value) <= 64


def test_a_signal_is_the_same_wherever_it_is_asked_for() -> None:
    assert signal(EventName.USER_CREATED) is signal(EventName("user.created"))
    assert signal(EventName.USER_CREATED) is not signal(EventName.USER_DELETED)
    assert signal(EventName.USER_CREATED).name == "user.created"
