"""LOADS SHARES: Erlang C one by one with pyworkforce; prints CPU and wall seconds, saves the shares that wait."""

import sys
import time

import numpy as np
from pyworkforce.queuing import ErlangC

if __name__ == "__main__":
    loads, agents = np.load(sys.argv[1])
    cases = list(zip(loads.tolist(), agents.astype(int).tolist(), strict=True))
    cpu, wall = time.process_time(), time.monotonic()
    shares = [ErlangC(transactions=load, asa=1, aht=1, interval=1).waiting_probability(count) for load, count in cases]
    print(time.process_time() - cpu, time.monotonic() - wall)
    np.save(sys.argv[2], shares)
