"""What sets of one notebook have in common runs once: which cells that is, and how kernels go on from there."""
