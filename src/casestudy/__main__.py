"""`python -m casestudy`."""

from casestudy.cli import main

main()
