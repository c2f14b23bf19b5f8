"""The set-up files agree with each other and name no host."""

import re
from pathlib import Path

import yaml
from environment import environment

ROOT = Path(__file__).resolve().parents[1]


def test_environment_yml_is_what_pyproject_and_constraints_give():
    assert (ROOT / "environment.yml").read_text() == environment(), "run `make environment.yml`"


def test_environment_yml_is_valid_yaml_that_installs_the_project():
    assert yaml.safe_load(environment())["dependencies"][-1] == {"pip": ["-e ."]}


def test_constraints_are_plain_pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[\w.!+]+", line) for line in lines)
