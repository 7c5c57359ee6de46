# `make demo` shows the kit at work, `make test` runs every check there is.
# Both need Python 3.11 or later and nothing else; they install into .venv.

HOST ?= localhost
PORT ?= 5000

VENV := .venv
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check
FLASK := $(PYTHON) -m flask --app example_app
INSTANCE := $(CURDIR)/example_app/instance

# Passkeys work on the name localhost and not on 127.0.0.1, so people are sent
# to the name, while the server listens on the loopback address alone.
BIND := $(if $(filter localhost,$(HOST)),127.0.0.1,$(HOST))
URL := http://$(if $(filter 0.0.0.0,$(HOST)),localhost,$(HOST)):$(PORT)

.DEFAULT_GOAL := help
.PHONY: help demo serve test check bench soak build clean

help:
	@echo "make demo   the example app on $(URL), in debug mode"
	@echo "make serve  the same app under gunicorn, as in production"
	@echo "make test   lint, types and every test"
	@echo "make check  lint and types alone"
	@echo "make bench  the benchmarks"
	@echo "make soak   the long rounds of the tests"
	@echo "make build  wheel and sdist into dist/"
	@echo "make clean  removes .venv, dist and what tests leave behind; keeps the demo's data"

demo: export FLASK_USERKIT_BASE_URL ?= $(URL)
demo: $(VENV)/.demo
	@$(FLASK) --debug demo
	@exec $(FLASK) run --debug --host $(BIND) --port $(PORT)

serve: export FLASK_DEBUG := 0
serve: export FLASK_USERKIT_BASE_URL ?= $(URL)
serve: export FLASK_USERKIT_MAIL_URL ?= file://$(INSTANCE)/mail
serve: export FLASK_USERKIT_SMS_URL ?= file://$(INSTANCE)/texts
serve: $(VENV)/.demo
	@$(FLASK) demo
	@echo "Mail goes to $$FLASK_USERKIT_MAIL_URL, text messages to $$FLASK_USERKIT_SMS_URL"
	@exec $(PYTHON) -m gunicorn --workers 2 --worker-class gthread --threads 4 \
	  --graceful-timeout 5 --no-control-socket --bind $(BIND):$(PORT) "example_app:create_app()"

test: check
	@$(PYTHON) -m tests.rig.run

check: $(VENV)/.dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pyright
	$(PYTHON) -m djlint --lint --quiet templates example_app

bench: $(VENV)/.dev
	$(PYTHON) -m benchmarks

soak: $(VENV)/.dev
	$(PYTHON) -m pytest -m soak

build: $(VENV)/.dev
	$(PYTHON) -m build --installer uv

clean:
	rm -rf $(VENV) .artifacts .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist

# The newest Python is not always the one called python3, and one without
# ensurepip (Debian's, before python3-venv) cannot make an environment.
$(PYTHON):
	@for python in python3 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$($$python --version)"; \
	    exec $$python -m venv $(VENV); \
	  fi; \
	done; \
	echo "No Python 3.11 or later with venv found. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1

# uv installs several times faster than pip. Where it cannot be had, or knows less than pip of how
# this machine reaches its packages, pip does the same, in a version that knows dependency groups.
$(VENV)/.demo $(VENV)/.dev: $(VENV)/.%: pyproject.toml | $(PYTHON)
	@echo "Installing the $* dependencies"
	@$(PIP) uv 2>/dev/null && \
	  $(PYTHON) -m uv pip install --quiet --python $(PYTHON) --group $* --editable . 2>/dev/null || \
	{ $(PIP) --upgrade "pip>=25.1" && $(PIP) --group $* --editable .; }
	@touch $@
