# Begin with `make report` and `make test`; every target sets up first.
PYTHON ?= python3
BIN := .venv/bin
WARM := JUPYTER_DEFAULT_PROVISIONER_NAME=casestudy-warm  # a test holds that such kernels show what ordinary ones do
export PYTHONDONTWRITEBYTECODE :=  # without bytecode every process would compile everything again

.PHONY: report test test-slow notebooks exercises lab what-if site breaks bench
report: .venv/ready  ## all notebooks to build/reports/index.html
	$(BIN)/casestudy run

test: .venv/ready  ## lint and types, then every test, then the notebooks cell by cell
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not slow" src tests
	$(WARM) $(BIN)/pytest -q -n 2 --dist loadfile --nbval --nbval-sanitize-with tests/nbval.cfg notebooks docs/*.ipynb
	$(WARM) $(BIN)/pytest -q -n 2 --dist loadfile --nbval-lax exercises/*/[0-9]*.ipynb

test-slow: breaks .venv/pdf .venv/site .venv/browser  ## what takes longer than a newcomer waits
	$(BIN)/pytest -q -n 2 --dist loadscope -m slow tests

notebooks: .venv/ready  ## run the notebooks in place; the only way their outputs change
	$(BIN)/casestudy run --in-place
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.record_timing=False docs/*.ipynb

exercises: .venv/ready  ## check the problem sets on 200 seeds each, write their practice copies and the tables of the course
	$(BIN)/casestudy exercises build --all
	$(BIN)/python -c "from casestudy.classroom.authoring.course import refresh; refresh()"

lab: .venv/ready  ## read and practise in JupyterLab; your copies stay in my-exercises/
	$(BIN)/casestudy lab my-exercises

site: .venv/site  ## the course as a site, to build/site/index.html; nothing is run for it
	rm -rf build/site
	$(BIN)/python docs/site/build.py

breaks: .venv/ready  ## break the code on purpose, one line at a time, and see that a test notices
	$(BIN)/python tests/breaks.py

bench: .venv/ready  ## measure all that is claimed to be fast beside other tools: benchmarks/RESULTS.md
	$(BIN)/python benchmarks/bench.py

what-if: .venv/ready  ## a page a notebook on which you move an assumption, and one that leads to them: build/what-if/index.html
	for grid in docs/what-if/*.toml; do \
	  $(BIN)/casestudy sweep "$$grid" --explore --resume --no-html --out "build/what-if/$$(basename "$$grid" .toml)" || exit 1; done
	$(BIN)/python -c "from casestudy.reports.whatif.index import collect; collect('build/what-if')"

environment.yml: pyproject.toml constraints.txt .venv/ready
	$(BIN)/python tests/environment.py > $@

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

.venv/browser .venv/pdf .venv/site: .venv/%: .venv/ready  # what few need: JupyterLite, pandoc and typst, sphinx
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$*]'
	touch $@
