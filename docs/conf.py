"""Sphinx settings of the manual: ``sphinx-build -W docs docs/_build``."""

from __future__ import annotations

project = "flask-userkit"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "flask-userkit"
html_copy_source = False
html_show_sphinx = False
exclude_patterns = ["_build"]
