"""The `casestudy` command: it parses, calls and prints; all that it does can be called from Python."""

from casestudy.cli.app import main

__all__ = ["main"]
