"""Every command and every option stands somewhere that a user reads."""

import re
from pathlib import Path

import click
import pytest
import typer

from casestudy.cli import app as commands

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "exercises" / "README.md", ROOT / "PRIVACY.md", *(ROOT / "docs").glob("*.md")]
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
ROOT_COMMAND = typer.main.get_command(commands.app)


def every(command: click.Command, name: str = "casestudy"):
    """All commands below one, with the words that one types for them."""
    yield name, command
    for word, below in getattr(command, "commands", {}).items():
        yield from every(below, f"{name} {word}")


COMMANDS = dict(every(ROOT_COMMAND))
OPTIONS = sorted(
    {option for command in COMMANDS.values() for each in command.params for option in each.opts if option[:2] == "--"}
)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_stands_in_an_example(name):
    assert re.search(rf"(?<!\w){re.escape(name)}\b", TEXT)


@pytest.mark.parametrize("option", [option for option in OPTIONS if option != "--help"])
def test_an_option_is_told(option):
    assert re.search(rf"(?<![\w-]){option}(?![\w-])", TEXT)


@pytest.mark.parametrize("command", [command for command in COMMANDS.values()], ids=COMMANDS)
def test_help_says_what_it_does(command):
    assert command.help and all(
        each.help for each in command.params if isinstance(each, click.Option) and each.name != "help"
    )


def test_a_page_names_no_option_that_does_not_exist():
    ours = "\n".join(re.findall(r"^.*\bcasestudy (?!.*pip).*$", TEXT, re.M))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours)) <= {*OPTIONS, "--help"}
