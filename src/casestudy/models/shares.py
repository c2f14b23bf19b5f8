"""What the shares and counts behind an interval must be, and how others are refused."""

import numpy as np
from numpy.typing import ArrayLike


def inside(**shares: float) -> None:
    """Refuse, by its name, a share that does not lie between 0 and 1, ends excluded."""
    for name, share in shares.items():
        if not 0 < share < 1:
            raise ValueError(f"{name} must be a share between 0 and 1, ends excluded: got {share}")


def counted(n: ArrayLike) -> np.ndarray:
    """How many were counted, as an array even for one number; refused unless positive.

    >>> counted(10).tolist(), counted([10, 20]).tolist()
    ([10], [10, 20])
    """
    counts = np.atleast_1d(np.asarray(n))
    if not (counts > 0).all():
        raise ValueError(f"n must be positive: got {counts.min()}")
    return counts
