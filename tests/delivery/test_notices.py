"""A change on the account page is told by a real mail server, from a real server process."""

from __future__ import annotations

import re

import pytest

from tests.rig.fixtures.servers import StartServer
from tests.rig.people import Person
from tests.rig.people import begin_sign_up
from tests.rig.smtp import MailServer
from tests.rig.visitor import Visitor

SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Safari/605.1.15"
)


@pytest.mark.usefixtures("backend")
def test_who_changes_their_username_reads_so_once(
    start_server: StartServer, mail_server: MailServer
) -> None:
    settings = {
        "USERKIT_MAIL_URL": mail_server.url,
        "USERKIT_USERNAME": "optional",
        "USERKIT_APP_NAME": "Shelf\r\nBcc: eve@example.com {{ 7*7 }} <b>",
    }
    server = start_server(settings=settings)
    with server.client(headers={"User-Agent": SAFARI, "Host": server.url.partition("//")[2]}) as c:
        visitor, person = Visitor(c), Person()
        begin_sign_up(visitor, person)
        (code,) = re.findall(r"^ +(\d{6})\s*$", mail_server.wait()[0].text, re.MULTILINE)
        visitor.submit("/sign-up/verification", code=code)
        visitor.open("/account/?edit=username")
        visitor.submit("/account/username", username="countess")
        assert "Your username is saved." in visitor.page.words
        notice = mail_server.wait(2)[1]
        visitor.open("/account/?edit=username")
        visitor.submit("/account/username", username="countess_2")
        assert len(mail_server.wait(3)) == 3
    assert server.stop() == 0
    assert len(mail_server.deliveries) == 3
    assert notice.rcpt_tos == (person.email_address,)
    assert "Bcc" not in notice.message
    assert "\n" not in str(notice.message["Subject"])
    assert str(notice.message["Subject"]).endswith("Your username was changed")
    assert {"Browser: Safari on macOS", "IP address: 127.0.0.1"} <= set(notice.text.splitlines())
    html = notice.message.get_body(("html",))
    assert html is not None
    assert "Safari on macOS" in html.get_content()
    assert "<b>" not in html.get_content()
    assert "{{ 7*7 }}" in html.get_content()
