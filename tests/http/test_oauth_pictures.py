"""The picture of an account at a provider: fetched by the server where that is safe, or not."""

from __future__ import annotations

import pytest

from tests.http import providers
from tests.http.providers import who
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pictures import picture


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    site = open_site(make_app)
    providers.offer(site)
    return site


def come(site: Site, url: str) -> bool:
    """Bring somebody in with a picture, and tell whether it became theirs."""
    providers.somebody(picture=url)
    visitor = site.visitor()
    assert providers.come_in(visitor).status == 200
    user_id = who(visitor)
    assert user_id is not None, "nobody is turned away for the sake of a picture"
    for page in ("/", "/account/"):
        assert url not in visitor.open(page).text, "no browser is sent there either"
    with site.app.app_context():
        return site.kit.users.get_user(user_id).has_image


def test_a_picture_is_kept_here(site: Site) -> None:
    provider = providers.provider()
    provider.picture = picture()
    assert come(site, f"{provider.issuer}/picture")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
        "https://169.254.169.254/latest/",
        "http://10.0.0.8/a.png",
        "file:///etc/passwd",
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>",
        "javascript:alert(1)",
        "//evil.example/a.png",
        "gopher://127.0.0.1:6379/_INFO",
    ],
)
def test_what_is_inside_or_no_address_is_not_asked_for(site: Site, url: str) -> None:
    assert not come(site, url)


def test_in_production_nothing_on_this_machine_is_asked_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = providers.provider()
    provider.picture = picture()
    monkeypatch.setattr(site.kit.kit, "development", False)
    known = len(provider.asked("/picture"))
    assert not come(site, f"{provider.issuer}/picture")
    assert len(provider.asked("/picture")) == known
