"""The pages that one opens first: of a run, of its claims, of a sweep."""
