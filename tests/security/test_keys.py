"""Keys: one per purpose, replaced without anybody being signed out."""

from __future__ import annotations

import pytest

from flask_userkit.security.keys import KeyRing

OLD, NEW = "an old secret key", "a new secret key"


def test_what_an_old_key_made_is_still_taken_after_a_rotation() -> None:
    old, rotated = KeyRing(OLD), KeyRing(NEW, [OLD])
    assert rotated.verify_mac("csrf", "message", old.mac("csrf", "message"))
    assert rotated.decrypt(old.encrypt("letter")) == "letter"


def test_what_is_new_is_made_with_the_new_key() -> None:
    rotated = KeyRing(NEW, [OLD])
    assert rotated.mac("csrf", "message") == KeyRing(NEW).mac("csrf", "message")
    assert KeyRing(NEW).decrypt(rotated.encrypt("letter")) == "letter"
    assert KeyRing(OLD).decrypt(rotated.encrypt("letter")) is None


def test_a_key_that_is_dropped_opens_nothing_any_more() -> None:
    old, without = KeyRing(OLD), KeyRing(NEW)
    assert not without.verify_mac("csrf", "message", old.mac("csrf", "message"))
    assert without.decrypt(old.encrypt("letter")) is None


def test_a_mac_for_one_purpose_is_none_for_another() -> None:
    ring = KeyRing(NEW)
    purposes = ["csrf", "verification code", "encryption"]
    macs = {ring.mac(purpose, "message") for purpose in purposes}
    assert len(macs) == len(purposes)
    assert not ring.verify_mac("verification code", "message", ring.mac("csrf", "message"))


def test_a_mac_is_bound_to_its_message() -> None:
    ring = KeyRing(NEW)
    mac = ring.mac("csrf", "message")
    assert ring.verify_mac("csrf", "message", mac)
    for wrong in (mac[:-1], mac + b"\0", b"", bytes([mac[0] ^ 1]) + mac[1:]):
        assert not ring.verify_mac("csrf", "message", wrong)
    assert not ring.verify_mac("csrf", "Message", mac)


def test_a_tampered_payload_is_not_opened() -> None:
    ring = KeyRing(NEW)
    sealed = ring.encrypt("your code is 123456")
    for place in range(0, len(sealed) - 2, 7):
        swapped = "A" if sealed[place] != "A" else "B"
        assert ring.decrypt(sealed[:place] + swapped + sealed[place + 1 :]) is None


@pytest.mark.parametrize("value", ["", "x", "=", "gAAAA", "é", "\x00", "\ud800", "A" * 10_000])
def test_what_was_never_encrypted_is_not_opened(value: str) -> None:
    assert KeyRing(NEW).decrypt(value) is None


def test_the_text_is_not_in_its_encryption() -> None:
    ring = KeyRing(NEW)
    assert "123456" not in ring.encrypt("123456 and \U0001f600")
    assert ring.decrypt(ring.encrypt("123456 and \U0001f600")) == "123456 and \U0001f600"
    assert ring.encrypt("123456") != ring.encrypt("123456")


def test_a_key_may_be_text_or_bytes() -> None:
    assert KeyRing(NEW).mac("csrf", "m") == KeyRing(NEW.encode()).mac("csrf", "m")
