"""Meadow ID: a pretended third party, a real OpenID Connect provider.

It is a part of the demo, so that connecting an account can be tried without a network. It asks
nobody for a password: whoever comes chooses who to be.
"""

from __future__ import annotations

from . import endpoints as endpoints
from . import pages as pages
from .blueprint import provider as provider
from .settings import NAME as NAME
from .settings import connection as connection
from .settings import is_at_home as is_at_home
