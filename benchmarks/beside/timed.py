"""What the queues of other packages have in common: the draws come in, times and waits go out."""

import sys
import time
from collections.abc import Callable

import numpy as np


def timed(simulate: Callable[[list[float], list[float], int], list[float]]) -> None:
    """Run `simulate(gaps, services, agents)` on DRAWS AGENTS FILE; print CPU and wall seconds, save each wait."""
    gaps, services = np.load(sys.argv[1])
    cpu, wall = time.process_time(), time.monotonic()
    waits = simulate(gaps.tolist(), services.tolist(), int(sys.argv[2]))
    print(time.process_time() - cpu, time.monotonic() - wall)
    np.save(sys.argv[3], waits)
