# Two commands do everything: `make report` and `make test`. Each sets up first.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE :=

.PHONY: report test notebooks breaks
report: .venv/ready  ## all notebooks to build/reports/index.html
	$(BIN)/casestudy run

test: .venv/ready  ## lint, then every test, then the notebooks cell by cell
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/pytest -q -n 2 --dist loadfile src tests
	$(BIN)/pytest -q --nbval --nbval-sanitize-with tests/nbval.cfg notebooks

notebooks: .venv/ready  ## run the notebooks in place; the only way their outputs change
	$(BIN)/python -c "from casestudy.reports.run import refresh; refresh()"

breaks: .venv/ready  ## break the code on purpose and see that a test notices
	$(BIN)/python tests/breaks.py

environment.yml: pyproject.toml constraints.txt .venv/ready
	$(BIN)/python tests/environment.py > $@

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@
