# Everything one does with Kfar in its own folder. `make` alone lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo serve test torture check messages bench

# uv where there is one that runs; where not, one of our own in .uv/.
UV_VERSION := 0.13.9
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
OURS := $(filter .uv/%,$(UV))
RUN := $(UV) run --no-sync
# What Python has compiled it keeps, whatever the environment says: all of it anew takes each of
# the many processes of serving and testing seconds.
unexport PYTHONDONTWRITEBYTECODE

# Checks and tests look at no data and no settings of yours.
ALONE := unset $${!KFAR_*}; export KFAR_DATA_DIR=test-results/data KFAR_LOG_LEVEL=ERROR
# Says nothing when all is well.
QUIETLY := quietly() { said=$$("$$@" 2>&1) || { echo "$$said"; exit 1; }; }
PYTEST := $(RUN) pytest -n 2 --dist loadfile --no-loadscope-reorder

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(OURS) ## Load real data, serve it, print the addresses to open
	@$(UV) sync --frozen --no-dev --extra demo --inexact
	@exec $(RUN) kfar demo

serve: $(OURS) ## Serve a Kfar of your own; its settings come from the environment
	@$(UV) sync --frozen --no-dev --inexact
	@exec $(RUN) kfar serve

# Journeys walk in one browser, on one database, and what touches none runs once; the last
# summary is the whole suite's.
test: check ## Run every check, then every test on PostgreSQL and on SQLite
	@$(ALONE); $(PYTEST) --postgres -m 'not journey and not once'
	@$(ALONE); $(PYTEST)

torture: $(OURS) ## Kill everything 200 times and cut the power, under load; nothing may be lost
	@$(UV) sync --frozen --all-extras
	@$(ALONE); exec $(RUN) python -m tests.torture

bench: $(OURS) ## Measure what the gate, the import, the lake, a vote, a consultation, counting, verifying and the models can do, beside their limits and peers
	@$(UV) sync --frozen --all-extras --group bench
	@$(ALONE); $(RUN) python -m bench.gate; $(RUN) python -m bench.settling; $(RUN) python -m bench.imports; $(RUN) python -m bench.lake; $(RUN) python -m bench.closing; $(RUN) python -m bench.consulting; $(RUN) python -m bench.counting; $(RUN) python -m bench.verify; $(RUN) python -m bench.clv; $(RUN) python -m bench.drivers; $(RUN) python -m bench.insight; $(RUN) python -m bench.response; $(RUN) python -m bench.warning; $(RUN) python -m bench.profiles; $(RUN) python -m bench.inbox; $(RUN) python -m bench.prominence; $(RUN) python -m bench.friends

check: $(OURS) ## Look at format, lint, types, imports, templates, spelling, settings
	@$(UV) sync --frozen --all-extras
	@$(ALONE); $(QUIETLY); \
	quietly $(RUN) ruff format --check . ; \
	quietly $(RUN) ruff check . ; \
	quietly $(RUN) djlint --quiet --lint src ; \
	quietly $(RUN) codespell ; \
	quietly $(RUN) lint-imports --no-logo ; \
	quietly $(RUN) python manage.py makemigrations --check ; \
	KFAR_URL=https://kfar.example quietly \
	    $(RUN) python manage.py check --deploy --fail-level WARNING ; \
	quietly $(RUN) mypy

messages: $(OURS) ## Gather the words of pages and letters for translation
	@$(UV) sync --frozen --all-extras
	@$(RUN) kfar messages

.uv/bin/uv:
	@for python in python3 /usr/bin/python3 none; do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	if [ $$python = none ]; then \
	    echo 'Kfar needs Python 3.11 or later: install it, or uv (https://docs.astral.sh/uv/).' >&2; \
	    exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo 'This Python cannot make environments: install python3-venv, or uv.' >&2; \
	    exit 1; \
	fi; \
	echo 'There is no uv here, so one comes into .uv/'; \
	$$python -m venv .uv && \
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
