"""The certified OpenID provider, ``oidc-provider``, in a process of its own."""

from __future__ import annotations

import subprocess
import typing as t

from .artifacts import ROOT
from .artifacts import folder
from .artifacts import worker
from .clients import http_client
from .node import find_node
from .node import packages_of
from .recorder import record

PATIENCE = 30
PROJECT = ROOT / "tests" / "rig" / "oidc"


class Registration(t.NamedTuple):
    """An app that the provider knows."""

    client_id: str
    client_secret: str


class OidcProvider:
    """A provider on a loopback port, where whoever is logged in by a name is that account.

    An account has a verified address, ``<name>@example.com``, until ``set_account`` says else.
    """

    def __init__(self) -> None:
        self.log_path = folder("logs") / f"oidc-provider-{worker()}.log"
        self.issuer = ""
        self._client = http_client("")
        self._process: subprocess.Popen[str] | None = None

    @property
    def metadata_url(self) -> str:
        """Return the address of its discovery document."""
        return f"{self.issuer}/.well-known/openid-configuration"

    def start(self) -> t.Self:
        """Start, and wait until it listens.

        :raises Missing: Node or the packages cannot be had.
        """
        packages = packages_of(PROJECT)
        # It writes down what it gives, for the search for secrets.
        secrets = folder("secrets") / f"oidc-provider-{worker()}.jsonl"
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [find_node(), PROJECT / "provider.mjs", packages, secrets],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        self.issuer = self._process.stdout.readline().strip()
        if not self.issuer:
            self.stop()
            raise RuntimeError(f"It did not start:\n{self.log_path.read_text('utf-8')[-4000:]}")
        return self

    def stop(self) -> None:
        """End it: it ends with its input, and so also with a test process that is killed."""
        self._client.close()
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

    def register(self, *redirect_uris: str, **metadata: t.Any) -> Registration:
        """Make an app known.

        :param metadata: such as ``token_endpoint_auth_method``; the kit's tests have one more,
            ``access_token_seconds``.
        """
        known = {
            "redirect_uris": redirect_uris,
            "grant_types": ["authorization_code", "refresh_token"],
            **metadata,
        }
        answer = self._client.post(f"{self.issuer}/reg", json=known).raise_for_status().json()
        record("token", answer["client_secret"], answer["registration_access_token"])
        return Registration(answer["client_id"], answer["client_secret"])

    def set_account(self, name: str, **claims: t.Any) -> None:
        """Say what is told of an account besides the usual; None leaves a claim out."""
        self._order("accounts", name=name, claims=claims)

    def rotate_keys(self) -> None:
        """Sign with a new key from now on; the old ones remain published."""
        self._order("keys")

    def withdraw_consents(self, name: str) -> None:
        """Have an account take back all that it allowed; its tokens are worth nothing then."""
        self._order("withdrawals", name=name)

    def __enter__(self) -> t.Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _order(self, what: str, **details: t.Any) -> None:
        self._client.post(f"{self.issuer}/rig/{what}", json=details).raise_for_status()
