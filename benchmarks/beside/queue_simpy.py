"""DRAWS AGENTS FILE: a queue in SimPy; prints CPU and wall seconds, saves each customer's wait."""

import sys
import time

import numpy as np
import simpy


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
    gaps, services = np.load(sys.argv[1])
    cpu, wall = time.process_time(), time.monotonic()
    waits = simulate(gaps.tolist(), services.tolist(), int(sys.argv[2]))
    print(time.process_time() - cpu, time.monotonic() - wall)
    np.save(sys.argv[3], waits)
