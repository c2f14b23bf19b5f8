"""Parameters -> run -> results -> publish."""
