"""An executable teaching case."""
