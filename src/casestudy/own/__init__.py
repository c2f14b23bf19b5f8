"""A case of one's own: a small complete one to begin with, and what is added to it."""
