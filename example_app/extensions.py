"""The extensions, which every module of the app may import."""

from __future__ import annotations

from flask_wtf import CSRFProtect

from flask_userkit import UserKit

userkit = UserKit()
csrf = CSRFProtect()
