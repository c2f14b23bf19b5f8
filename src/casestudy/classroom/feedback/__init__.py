"""Pages about marks: one a student, one for the lecturer."""
