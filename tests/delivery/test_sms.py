"""A text message is handed to Twilio once, and what became of it is told for what it is."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from flask_userkit.delivery.sms import DeliveryError
from flask_userkit.delivery.sms import TextMessage
from flask_userkit.delivery.sms import TwilioSender
from flask_userkit.delivery.sms import sms_sender_from_url
from flask_userkit.errors import SetupError
from tests.rig.ports import free_port
from tests.rig.twilio import FROM
from tests.rig.twilio import MAYBE
from tests.rig.twilio import NOT_NOW
from tests.rig.twilio import RETRY_AFTER
from tests.rig.twilio import Gateway
from tests.rig.twilio import Mode

NUMBER = "+4915112345678"
TEXT = "Shelf & Söhne: 100 % +1 = ok?\n@example.com #none"
MESSAGE = TextMessage(
    to=NUMBER,
    text=TEXT,
    message_id="msg_1",
    sent_at=dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC),
)
#: Long enough for a busy machine, and where a test waits for it to pass, as short as may be.
PATIENT, HASTY = (10.0, 10.0), (10.0, 0.4)


def failure(gateway: Gateway, timeouts: tuple[float, float] = PATIENT) -> DeliveryError:
    """Send, and return the failure, which tells neither the token nor the message."""
    with pytest.raises(DeliveryError) as caught:
        TwilioSender(gateway.url, timeouts=timeouts).send(MESSAGE)
    told = "".join(traceback.format_exception(caught.value))
    for secret in (gateway.token, NUMBER, NUMBER[1:], "Söhne"):
        assert secret not in told
    # A program that reports errors looks into those behind it, too.
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


def test_a_text_is_a_form_with_the_account_s_credentials(gateway: Gateway) -> None:
    TwilioSender(gateway.url).send(MESSAGE)
    (request,) = gateway.requests
    assert request.form == {"To": NUMBER, "From": FROM, "Body": TEXT}
    assert request.path == f"/2010-04-01/Accounts/{gateway.account}/Messages.json"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=%2B15005550006", {"From": FROM}),
        ("from=+15005550006", {"From": FROM}),
        ("from=Shelf", {"From": "Shelf"}),
        ("messaging_service=MG0123", {"MessagingServiceSid": "MG0123"}),
    ],
)
def test_it_comes_from_a_number_a_name_or_a_service(
    gateway: Gateway, query: str, field: dict[str, str]
) -> None:
    address = gateway.url.partition("?")[0]
    sms_sender_from_url(f"{address}?{query}").send(MESSAGE)
    assert gateway.requests[0].form == {"To": NUMBER, "Body": TEXT, **field}


def test_each_text_has_a_connection_of_its_own(gateway: Gateway) -> None:
    sender = TwilioSender(gateway.url)
    for _ in range(3):
        sender.send(MESSAGE)
    assert (len(gateway.requests), gateway.connections) == (3, 3)


@pytest.mark.parametrize("mode", MAYBE)
def test_what_may_be_taken_is_not_to_be_sent_again(gateway: Gateway, mode: Mode) -> None:
    gateway.mode = mode
    waits = mode in ("slow headers", "for ever")
    error = failure(gateway, HASTY if waits else PATIENT)
    assert error.permanent
    assert not error.recipient
    assert "maybe taken" in str(error)
    assert gateway.connections == 1
    assert len(gateway.requests) == (0 if mode == "cut unread" else 1)


@pytest.mark.parametrize("mode", NOT_NOW)
def test_what_is_refused_for_now_may_be_sent_later(gateway: Gateway, mode: Mode) -> None:
    gateway.mode = mode
    error = failure(gateway)
    assert not error.permanent
    assert error.retry_after == (RETRY_AFTER if mode == "503 later" else None)
    assert str(error).startswith(f"answered {mode[:3]}")
    assert len(gateway.requests) == 1


def test_a_number_that_takes_no_text_is_told_by_its_code_alone(gateway: Gateway) -> None:
    gateway.mode = "400"
    error = failure(gateway)
    assert (error.permanent, error.recipient) == (True, True)
    assert str(error) == "answered 400, code 21211"


def test_another_refusal_is_for_good_and_not_the_number_s(gateway: Gateway) -> None:
    gateway.mode = "404"
    error = failure(gateway)
    assert (error.permanent, error.recipient) == (True, False)


def test_a_wrong_token_is_the_operator_s_to_mend(gateway: Gateway) -> None:
    gateway.token = "another"
    url = gateway.url
    gateway.token = "the right one"
    with pytest.raises(DeliveryError, match="401, code 20003") as caught:
        TwilioSender(url).send(MESSAGE)
    assert not caught.value.permanent


def test_a_gateway_that_is_down_has_surely_taken_nothing(gateway: Gateway) -> None:
    gateway.stop()
    assert not failure(gateway).permanent


def test_a_name_that_nobody_knows_has_surely_taken_nothing() -> None:
    sender = TwilioSender(f"twilio://AC1:secret@nobody.invalid?from={FROM}")
    with pytest.raises(DeliveryError) as caught:
        sender.send(MESSAGE)
    assert not caught.value.permanent


def test_any_other_machine_is_spoken_to_by_tls_alone(gateway: Gateway) -> None:
    # No loopback name to the sender, though it leads here; a plain server understands no TLS.
    url = gateway.url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104 (an address to go to)
    with pytest.raises(DeliveryError):
        TwilioSender(url).send(MESSAGE)
    assert gateway.connections == 1
    assert gateway.requests == []


def test_through_a_proxy_what_may_be_taken_is_not_sent_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It takes the request as a proxy does, and is cut: urllib3 calls that an error of the proxy.
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{gateway.port}")
    gateway.mode = "cut read"
    elsewhere = gateway.url.replace(str(gateway.port), str(free_port()))
    with pytest.raises(DeliveryError) as caught:
        TwilioSender(elsewhere).send(MESSAGE)
    assert len(gateway.requests) == 1
    assert caught.value.permanent
    gateway.stop()
    with pytest.raises(DeliveryError) as caught:
        TwilioSender(elsewhere).send(MESSAGE)
    assert not caught.value.permanent


def test_a_number_with_a_line_break_sends_no_more_fields(gateway: Gateway) -> None:
    TwilioSender(gateway.url).send(replace(MESSAGE, to="+49151\r\nX: y&Body=z"))
    (request,) = gateway.requests
    assert request.form == {"To": "+49151\r\nX: y&Body=z", "From": FROM, "Body": TEXT}
    assert "X" not in request.headers


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "https://AC1:sekret@api.twilio.com?from=1",
        "twilio://api.twilio.com?from=1",
        "twilio://AC1@api.twilio.com?from=1",
        "twilio://AC1:sekret@?from=1",
        "twilio://AC1:sekret@api.twilio.com",
        "twilio://AC1:sekret@api.twilio.com?from=",
        "twilio://AC1:sekret@api.twilio.com?form=1",
        "twilio://AC1:sekret@api.twilio.com?from=1&from=2",
        "twilio://AC1:sekret@api.twilio.com?from=1&messaging_service=MG1",
        "twilio://AC1:sekret@api.twilio.com:port?from=1",
        "twilio://AC1:sekret@[api?from=1",
    ],
)
def test_an_address_of_no_gateway_is_refused_without_what_was_written(url: str) -> None:
    with pytest.raises(SetupError, match=r"^USERKIT_SMS_URL is twilio://ACCOUNT_SID") as caught:
        sms_sender_from_url(url)
    assert "sekret" not in "".join(traceback.format_exception(caught.value))


def test_without_requests_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(SetupError, match=r"`pip install 'flask-userkit\[twilio\]'`"):
        sms_sender_from_url(f"twilio://AC1:secret@api.twilio.com?from={FROM}")


IMPORTED = """
import sys, flask, flask_userkit

def start(**settings):
    app = flask.Flask("shop", instance_path=sys.argv[1])
    app.config.update(SECRET_KEY="x", TESTING=True, **settings)
    flask_userkit.UserKit(app)
    print([name for name in ("requests", "urllib3", "phonenumbers") if name in sys.modules])

url = "twilio://AC1:secret@api.twilio.com?from=+15005550006"
start()
start(USERKIT_SMS_URL=url)
start(USERKIT_SMS_URL=url, USERKIT_PHONE_NUMBER="optional")
"""


def test_an_app_without_phone_numbers_imports_nothing_for_them(tmp_path: Path) -> None:
    command = [sys.executable, "-c", IMPORTED, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    without, without_though_set, with_them = done.stdout.splitlines()
    assert without == without_though_set == "[]"
    assert "requests" in with_them


def test_a_folder_takes_each_text_as_a_file_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "with space" / "texts"
    sender = sms_sender_from_url(folder.as_uri())
    sender.send(MESSAGE)
    sender.send(replace(MESSAGE, message_id="msg_2"))
    first, second = sorted(folder.iterdir())
    assert (first.suffix, first.read_text("utf-8")) == (".txt", f"To: {NUMBER}\n\n{TEXT}\n")
    assert second.read_text("utf-8") == first.read_text("utf-8")
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_took_nothing(tmp_path: Path) -> None:
    (tmp_path / "texts").write_text("a file", encoding="utf-8")
    with pytest.raises(DeliveryError) as caught:
        sms_sender_from_url((tmp_path / "texts").as_uri()).send(MESSAGE)
    assert not caught.value.permanent
