"""Parameter sets: what a notebook can be asked, what a grid asks for, what came of a set, and that in numbers."""
