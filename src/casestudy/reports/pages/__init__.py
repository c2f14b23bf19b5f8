"""HTML: one frame for all pages, front pages, and a notebook as a page."""
