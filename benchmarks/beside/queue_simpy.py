"""DRAWS AGENTS FILE: a queue in SimPy; see timed.py."""

import simpy
from timed import timed


def customer(env, agents, service, waits):
    came = env.now
    with agents.request() as turn:
        yield turn
        waits.append(env.now - came)
        yield env.timeout(service)


def arrivals(env, agents, gaps, services, waits):
    for gap, service in zip(gaps, services, strict=True):
        yield env.timeout(gap)
        env.process(customer(env, agents, service, waits))


def simulate(gaps: list[float], services: list[float], count: int) -> list[float]:
    env, waits = simpy.Environment(), []
    agents = simpy.Resource(env, capacity=count)
    env.process(arrivals(env, agents, gaps, services, waits))
    env.run()
    return waits


if __name__ == "__main__":
    timed(simulate)
