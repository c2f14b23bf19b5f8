"""Exercises in the browser: a static site on which a set runs without anything installed."""
