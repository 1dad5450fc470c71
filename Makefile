# Needs python3 (3.11 or newer), make and git. Everything is written below .venv and .cache.
run = @tests/tools/run.sh
pytest = pytest -c pyproject.toml -n 2

help: ## what there is to make (this text)
	@echo 'make TARGET; the first run of any of them installs what it needs into .venv'
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 16

setup: ## .venv with the pinned tools, the simulator and the collection
	$(run) true

demo: ## a GitOps repository applied to the simulator: apply, apply again, drift, plan, a report
	$(run) python tests/demo/run.py

sandbox: ## the simulator in the foreground, with the demo's seed
	$(run) python tests/demo/sandbox.py

bench: ## requests, time and memory, beside what people would use instead: make bench ONLY=full_read,drift, or QUICK=1 to try it
	$(run) python -m ansible_collections.mdmkit.apps_books.tests.benchmark $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

test: ## all of the following, with a table at the end
	$(run) python tests/tools/test.py pytest sanity compat molecule lint browser

pytest: ## tests of the collection and of the simulator
	$(run) $(pytest)

unit: ## of these, the unit tests
	$(run) $(pytest) tests/unit

functional: ## of these, the ones that run playbooks against the simulator
	$(run) $(pytest) tests/functional

simulator: ## of these, the simulator's own
	$(run) $(pytest) tests/simulator/tests

browser: ## the page of the drift report in headless Chromium, where there is one, with screenshots in .cache/browser
	$(run) python tests/tools/browser.py

canary: ## of these, the search for secrets in all that modules, roles and playbooks print and leave, with its counts
	$(run) python -m ansible_collections.mdmkit.apps_books.tests.canary

chaos: ## seeded schedules of faults: make chaos N=500, or one of them in full: make chaos SEED=123
	$(run) python -m ansible_collections.mdmkit.apps_books.tests.chaos.run $(if $(SEED),--seed $(SEED),-n $(or $(N),100) --first $(or $(FIRST),0))

snapshot-histories: ## random histories, read with a snapshot: make snapshot-histories N=5000, or one of them in full: make snapshot-histories SEED=123
	$(run) python -m ansible_collections.mdmkit.apps_books.tests.histories.run $(if $(SEED),--seed $(SEED),-n $(or $(N),1000) --first $(or $(FIRST),0))

coverage: ## which lines the unit tests reach
	$(run) coverage run -m pytest -c pyproject.toml tests/unit
	$(run) coverage report

compat: ## functional tests on other versions of ansible-core
	$(run) python tests/tools/compat.py

sanity: ## ansible-test sanity, without ignore files
	$(run) python tests/tools/sanity.py

molecule: ## scenarios of the roles
	$(run) molecule test --all --continue-on-failure

lint: ## the following, one after the other
	@$(MAKE) --no-print-directory --keep-going build changelog-lint shellcheck docs-lint ansible-lint

ansible-lint: ## profile production
	$(run) ansible-lint --offline

docs-lint: ## documentation of the modules and plugins, and what it refers to
	$(run) antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all .

changelog-lint: ## changelog fragments
	$(run) antsibull-changelog lint

shellcheck: ## shell scripts
	$(run) shellcheck .ci/run tests/tools/*.sh

build: ## the collection's archive, in .cache/build, with nothing in it that users do not need
	$(run) ansible-galaxy collection build --force --output-path .cache/build
	@! tar -tzf .cache/build/mdmkit-apps_books-*.tar.gz | grep -E '^(\.|tests/|Makefile|pyproject|extensions/molecule)'

changelog: ## the release named in galaxy.yml, with its fragments and new modules, into CHANGELOG.md
	$(run) antsibull-changelog release --reload-plugins --refresh-plugins --update-existing

lock: ## tests/requirements/*.txt anew from the *.in files
	$(run) tests/tools/lock.sh

clean: ## everything away that the targets wrote
	rm -rf .venv .cache .ansible .hypothesis .pytest_cache tests/output tests/simulator/src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup demo sandbox bench test pytest unit functional simulator browser canary chaos snapshot-histories coverage compat sanity molecule lint
.PHONY: ansible-lint docs-lint changelog-lint shellcheck build changelog lock clean
