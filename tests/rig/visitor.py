"""A person with a browser: keeps cookies, follows redirects, fills in forms as they stand."""

from __future__ import annotations

from urllib.parse import urljoin
from urllib.parse import urlsplit

from .clients import Client
from .clients import request
from .pages import Page

MOST_REDIRECTS = 8


class Visitor:
    """Walks through a site by its links and forms alone."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.page = Page("about:blank", 0, (), b"")

    def open(self, url: str, **headers: str) -> Page:
        """Go to a page, redirects followed."""
        return self._arrive(request(self.client, "GET", url, headers=headers))

    def submit(
        self,
        action: str,
        *,
        button: tuple[str, str] | None = None,
        follow: bool = True,
        **values: str,
    ) -> Page:
        """Fill in the form of this page that has this address, and send it.

        :param button: name and value of the button, where it is not the plain one.
        :param follow: whether to go where a redirect leads.
        """
        form = self.page.form(action)
        data = form.filled(values, button)
        url = urljoin(self.page.url, form.action)
        page = request(self.client, form.method, url, data)
        if follow:
            return self._arrive(page)
        return page

    def _arrive(self, page: Page) -> Page:
        for _ in range(MOST_REDIRECTS):
            if not page.redirects or page.location is None:
                break
            target = urlsplit(urljoin(page.url, page.location))
            page = request(
                self.client, "GET", target.path + (f"?{target.query}" if target.query else "")
            )
        else:
            raise AssertionError(
                f"more than {MOST_REDIRECTS} redirects, the last to {page.location}"
            )
        self.page = page
        return page
