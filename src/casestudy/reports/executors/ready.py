"""Imported by a server before it forks: what each worker or kernel would otherwise work out for itself."""

import nbformat
from matplotlib.backends.registry import backend_registry

backend_registry.list_all()  # asks every installed package
nbformat.validate(nbformat.v4.new_notebook())  # compiles the schema
