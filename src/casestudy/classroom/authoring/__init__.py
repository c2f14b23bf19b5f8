"""Writing a problem set: the small one to begin with, what would fail its students, and the slips tried on it."""
