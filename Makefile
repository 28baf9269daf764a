.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A named interpreter replaces the one of the existing environment.
VERSION := $(if $(filter file default,$(origin PYTHON)),,-$(shell $(PYTHON) -c 'import platform; print(platform.python_version())'))
READY := $(VENV)/ready$(VERSION)
RULES := services/validation/rulesets/rulesets
ONLY ?=
SAMPLE ?= 1500
SEED ?= 1
# The yardsticks of the rule engine have an environment of their own, which two measures need.
YARDSTICKS := .venv-yardsticks
APART := $(if $(ONLY),$(filter files rules-flat,$(ONLY)),rules-flat)

# The targets start hundreds of processes. Without stored bytecode, each would compile every module.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help env demo run test check rules bench drill mutants messages lock migration clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(READY) ## create the environment in .venv

$(READY): requirements-dev.txt pyproject.toml
	@echo "Setting up the environment in $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(VENV)/ready $@

demo: $(READY) ## run the main job on sample data, show the results, stop
	@$(BIN)/iisgd demo

run: $(READY) ## run the whole system with sample data until Ctrl-C
	@$(BIN)/iisgd run

# One process more than processors: some tests wait for processes that they started.
test: $(READY) ## run the suite on a real broker, SQLite and PostgreSQL (PYTHON=python3.13)
	@$(BIN)/pytest -m "not drill" -n $$(( $$(nproc) + 1 )) --dist loadgroup --no-loadscope-reorder -q --durations 20

check: $(READY) ## run ruff, mypy, import-linter, vulture and the checks of architecture, flow, rules and translations
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.architecture
	@$(BIN)/python -m tests.dead_code
	@$(BIN)/python -m tests.catalogues
	@$(BIN)/iisgd events --check
	@$(BIN)/iisgd rules check
	@$(BIN)/check-jsonschema --quiet --check-metaschema $(RULES)/schema.json
	@$(BIN)/check-jsonschema --quiet --schemafile $(RULES)/schema.json $(wildcard $(RULES)/*.yaml)

bench: $(READY) $(if $(APART),$(YARDSTICKS)/ready) ## measure each figure against a yardstick (ONLY=name for one)
	@$(BIN)/python -m tests.bench $(ONLY)

$(YARDSTICKS)/ready: requirements-yardsticks.txt
	@echo "Setting up the yardsticks in $(YARDSTICKS) ..."
	@$(PYTHON) -m venv $(YARDSTICKS)
	@$(YARDSTICKS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-yardsticks.txt
	@touch $@

drill: $(READY) ## test each promise under kills and outages (ONLY=name for one)
	@$(BIN)/python -m tests.drill $(ONLY)

mutants: $(READY) ## mutate the rule engine and the rules (SAMPLE=400 or all, SEED=1, ONLY=rules)
	@$(BIN)/python -m tests.mutants $(ONLY) --sample $(SAMPLE) --seed $(SEED)

messages: $(READY) ## update the catalogues of translations from the code
	@$(BIN)/python -m tests.catalogues --update

migration: $(READY) ## write a migration from a service's tables (SERVICE=, NAME=)
	@$(BIN)/python -m tests.migration $(SERVICE) $(NAME)

lock: ## lock the dependencies again (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate -q -o requirements.txt pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate -q --group dev -o requirements-dev.txt pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate -q --group pyproject.toml:yardsticks -o requirements-yardsticks.txt

clean: ## delete everything that was created
	rm -rf $(VENV) $(YARDSTICKS) build var
