"""What a sweep costs beside papermill's own loop, on a notebook and a grid of anybody's."""
