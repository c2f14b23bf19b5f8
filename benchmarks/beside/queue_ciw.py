"""DRAWS AGENTS FILE: a queue in Ciw; prints CPU and wall seconds, saves each customer's wait."""

import sys
import time

import ciw
import numpy as np


def simulate(gaps: list[float], services: list[float], count: int) -> list[float]:
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, float("inf")])],
        service_distributions=[ciw.dists.Sequential(services)],
        number_of_servers=[count],
    )
    queue = ciw.Simulation(network)
    queue.simulate_until_max_customers(len(gaps), method="Finish")
    return [one.waiting_time for one in sorted(queue.get_all_records(), key=lambda one: one.arrival_date)]


if __name__ == "__main__":
    gaps, services = np.load(sys.argv[1])
    cpu, wall = time.process_time(), time.monotonic()
    waits = simulate(gaps.tolist(), services.tolist(), int(sys.argv[2]))
    print(time.process_time() - cpu, time.monotonic() - wall)
    np.save(sys.argv[3], waits)
