"""DRAWS AGENTS FILE: a queue in Ciw; see timed.py."""

import ciw
from timed import timed


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
    timed(simulate)
