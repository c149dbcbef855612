# make demo | demo-reset | test | check | fix | bench          (make help lists them)
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
CHROMIUM := /usr/bin/chromium
say = @printf '\n\033[1m%s\033[0m\n' "$(1)"

# What the settings want before they can be read; worth nothing, for commands that serve nobody.
CHECK_ENV := SECRET_KEY=$(shell printf 'check-only-%.0s' 1 2 3 4 5 6) \
	MASTER_KEY=$(shell printf '00%.0s' {1..32}) \
	PUBLIC_URL=http://localhost STATIC_COLLECTED=0

.PHONY: help demo demo-reset test check fix bench lock messages chromium catalogues venv-demo venv-dev

help:
	@echo 'make demo        try the whole service with made-up members'
	@echo 'make demo-reset  forget what the demo has stored'
	@echo 'make test        run all tests'
	@echo 'make check       format, lint, types, architecture, migrations, translations, schemas'
	@echo 'make fix         format and mend what can be mended by machine'
	@echo 'make bench       measure against the budgets'
	@echo 'make messages    collect new texts for translation'
	@echo 'make lock        lock the requirements again after a change of *.in'

demo: venv-demo catalogues
	$(call say,Starting the demo)
	@DEMO=1 $(BIN)/python manage.py demo

demo-reset: venv-demo
	@$(BIN)/python -m config.embedded erase
	@echo 'The demo has forgotten everything.'

test: venv-dev catalogues chromium
	$(call say,Testing)
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: venv-dev catalogues
	$(call say,Format and lint)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@if [ -d templates ]; then $(BIN)/djlint --lint --quiet templates; fi
	$(call say,Types)
	@$(BIN)/mypy
	$(call say,Architecture)
	@$(BIN)/lint-imports
	$(call say,Migrations)
	@# No server runs here; that the history in a database cannot be compared is no news.
	@$(CHECK_ENV) PYTHONWARNINGS=ignore::RuntimeWarning $(BIN)/python manage.py makemigrations --check --dry-run
	$(call say,Translations)
	@$(CHECK_ENV) $(BIN)/python manage.py messages --check
	$(call say,Settings and schemas)
	@$(CHECK_ENV) $(BIN)/python manage.py check --fail-level ERROR
	@$(CHECK_ENV) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

fix: venv-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(CHECK_ENV) $(BIN)/python manage.py messages

bench: venv-dev catalogues
	$(call say,Measuring)
	@$(BIN)/python -m benchmarks $(ARGS)

messages: venv-dev
	@$(CHECK_ENV) $(BIN)/python manage.py messages

catalogues:
	@$(BIN)/python -m config.catalogues

chromium:
	@if [ -x $(CHROMIUM) ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		printf '\n\033[1m%s\033[0m\n' 'Installing Chromium for the browser tests'; \
		(apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
			chromium) >/dev/null 2>&1 || true; \
	fi; \
	if [ ! -x $(CHROMIUM) ]; then \
		echo 'NOT TESTED: pages in a browser, because $(CHROMIUM) is missing (Debian: apt install chromium).'; \
	fi

# One environment, filled in two steps: the demo must not wait for the tools of the tests.
venv-demo: $(VENV)/.demo-installed
venv-dev: $(VENV)/.dev-installed

$(BIN)/python:
	$(call say,Making the Python environment)
	@for python in python3.11 python3; do \
		if $$python -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' 2>/dev/null; then \
			exec $$python -m venv $(VENV); \
		fi; \
	done; echo 'Python 3.11 is needed, with its venv module (Debian: apt install python3-venv).' >&2; exit 1

$(VENV)/.demo-installed: requirements.txt requirements-demo.txt | $(BIN)/python
	$(call say,Installing what the demo needs: less than a minute)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-compile \
		-r requirements-demo.txt
	@touch $@

$(VENV)/.dev-installed: requirements.txt requirements-demo.txt requirements-dev.txt | $(BIN)/python
	$(call say,Installing what tests and checks need: a minute or two)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-compile \
		-r requirements-dev.txt
	@touch $(VENV)/.demo-installed $@

# Needs uv on the PATH. No address of a package index may end up in the files.
lock:
	@for name in requirements requirements-demo requirements-dev; do \
		uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
			--no-emit-index-url --no-annotate --no-header $$name.in -o $$name.txt || exit 1; \
	done
