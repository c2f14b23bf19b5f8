"""One page for a whole sweep: a control per parameter, and the figure, numbers and sentence of the set picked."""
