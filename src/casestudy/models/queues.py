"""Live channels as queues: Erlang B, C and A, the agents a target needs, and a simulation that shares no formula.

Load is arrivals per unit of time x mean service time, in erlang (the agents that the work alone would keep busy).
Times are in mean service times. Numbers or numpy arrays, broadcast against each other; a float for numbers.
Only live channels (phone, chat) are queues of this kind; cases answered in hours are a backlog: `staffing`.
"""

from __future__ import annotations  # so that help() prints names of types, not all that they stand for

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import heapreplace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincc, gammaln, xlogy

Values = float | NDArray[np.float64]
TERMS = 60  # of a continued fraction; 40 give 13 digits from 3 standard deviations beyond the mean
BATCHES = 20  # of a simulation, for its standard errors
WARMUP = 10  # in relaxation times, when none is given
BATCH_LENGTH = 20  # in relaxation times: errors from shorter batches are too small, and not given
CHUNK = 100_000  # customers drawn at a time, so that memory stays flat


def erlang_b(load: ArrayLike, agents: ArrayLike) -> Values:
    """Share of arrivals blocked when nobody can wait (Erlang B).

    load in erlang, at least 0; agents whole numbers, at least 0. To 1e-9 relative up to a million agents wherever the
    value exceeds 1e-300. Source: Erlang 1917, as Poisson probability over Poisson cumulative probability.

    >>> round(erlang_b(load=1, agents=1), 6), round(erlang_b(load=1, agents=2), 6)  # 1/2 and (1/2)/(1+1+1/2)
    (0.5, 0.2)
    """
    load, agents = np.broadcast_arrays(_not_negative("load", load), _counts("agents", agents, least=0))
    return _plain(_blocking(load, agents))


def erlang_c(load: ArrayLike, agents: ArrayLike) -> Values:
    """Share of arrivals that wait when everybody waits for as long as it takes (Erlang C); 1 when overloaded.

    load in erlang, at least 0; agents whole numbers, at least 1. Accuracy as of `erlang_b`.

    >>> round(erlang_c(load=0.25, agents=1), 6), erlang_c(load=2, agents=2)  # one agent: waiting = utilisation
    (0.25, 1.0)
    """
    load, agents = np.broadcast_arrays(_not_negative("load", load), _counts("agents", agents, least=1))
    waiting = np.ones(load.shape)
    stable = load < agents
    load, agents = load[stable], agents[stable]
    blocked = _blocking(load, agents)
    waiting[stable] = agents * blocked / (agents - load + load * blocked)
    return _plain(waiting)


@dataclass(frozen=True)
class ErlangA:
    """What customers and agents meet in an Erlang A queue; each a number or an array."""

    wait: Values  # share of arrivals that find all agents busy
    abandon: Values  # share of arrivals that hang up before they are served
    mean_wait: Values  # of all arrivals, in mean service times
    utilisation: Values  # share of the agents' time that is busy
    queue: Values  # customers waiting, on average


def erlang_a(load: ArrayLike, agents: ArrayLike, patience: ArrayLike) -> ErlangA:
    """A queue whose customers hang up when their patience ends (Erlang A).

    load in erlang; agents whole numbers, at least 1; patience: its mean, in mean service times, exponential like
    arrivals and services. Source: Palm 1957; Mandelbaum & Zeltyn, The Palm/Erlang-A Queue, in terms of Erlang B.

    >>> result = erlang_a(load=1, agents=1, patience=1)  # everybody leaves at rate 1: a Poisson number is present
    >>> round(result.wait, 6), round(1 - 1 / math.e, 6)
    (0.632121, 0.632121)
    """
    load, agents = np.broadcast_arrays(_not_negative("load", load), _counts("agents", agents, least=1))
    patience = _positive("patience", patience)
    load, agents, patience = np.broadcast_arrays(load, agents, patience)
    all_busy, hang_up = _patience(load, agents, patience)
    blocked = _blocking(load, agents)
    wait = blocked / (blocked + (1 - blocked) * all_busy)
    abandon = wait * hang_up
    busy, queue = load * (1 - abandon), load * abandon * patience
    return ErlangA(*map(_plain, (wait, abandon, abandon * patience, busy / agents, queue)))


def service_level(load: ArrayLike, agents: ArrayLike, threshold: ArrayLike) -> Values:
    """Share of arrivals served within the threshold, in mean service times (Erlang C); 0 when overloaded.

    >>> round(service_level(load=0.5, agents=1, threshold=0), 6)  # half find the agent free
    0.5
    """
    threshold = _not_negative("threshold", threshold)
    spare = np.maximum(_counts("agents", agents, least=1) - _not_negative("load", load), 0)
    return _plain(1 - erlang_c(load, agents) * np.exp(-spare * threshold))


def agents_needed(
    load: ArrayLike, target: ArrayLike, threshold: ArrayLike, max_occupancy: ArrayLike = 1.0
) -> int | NDArray[np.int64]:
    """Fewest agents that serve the target share within the threshold and are busy at most max_occupancy of the time.

    load in erlang; target a share above 0 and below 1; threshold in mean service times; occupancy = load / agents.

    >>> agents_needed(load=10, target=0.80, threshold=1 / 9), agents_needed(10, 0.80, 1 / 9, max_occupancy=0.5)
    (14, 20)
    """
    target = _within("target", target, "above 0 and below 1", lambda share: (share > 0) & (share < 1))
    cap = _within("max_occupancy", max_occupancy, "above 0 and at most 1", lambda share: (share > 0) & (share <= 1))
    threshold = _not_negative("threshold", threshold)
    load, target, threshold, cap = np.broadcast_arrays(_not_negative("load", load), target, threshold, cap)
    fewest = np.maximum(np.ceil(load / cap * (1 - 1e-14)), 1)  # 2.1 / 0.7 is 3, whatever the last bit says

    def short(agents: NDArray) -> NDArray:
        return service_level(load, agents, threshold) < target

    enough, step = fewest.copy(), 1
    while np.any(missing := short(enough)):
        fewest = np.where(missing, enough + 1, fewest)
        enough, step = np.where(missing, enough + step, enough), 2 * step
    while np.any(fewest < enough):  # the answer lies from fewest to enough
        middle = np.floor((fewest + enough) / 2)
        missing = short(middle) & (fewest < enough)
        fewest, enough = np.where(missing, middle + 1, fewest), np.where(missing, enough, np.minimum(middle, enough))
    return _plain(enough.astype(np.int64))


@dataclass(frozen=True)
class Simulation:
    """Averages over simulated arrivals after the warm-up; stderr by the same names, nan where it cannot be trusted."""

    wait: float  # share of arrivals that find all agents busy
    abandon: float  # share of arrivals that hang up
    mean_wait: float  # of all arrivals, in mean service times
    stderr: dict[str, float]
    batch_length: float  # in relaxation times of the queue; below 20 the errors are nan


def simulate(
    load: float, agents: int, customers: int, seed: int, patience: float | None = None, warmup: float | None = None
) -> Simulation:
    """Follow customers one by one through the queue: a check on the Erlang formulas that shares none of them.

    patience (its mean) and warmup in mean service times; without patience everybody waits, and load must be below
    agents. Neighbouring customers meet the same queue, so errors come from the means of 20 batches. 50,000 customers
    of 1,000 agents are only 50 service times: batches below 20 relaxation times get nan for an error, for theirs would
    be too small (at 20, that of mean_wait is still a tenth low). 410 relaxation times suffice, warm-up included:
    1.6 million customers for 1,000 agents at a load of 968.

    >>> result = simulate(load=0.5, agents=1, customers=200_000, seed=1)  # one agent: waiting = utilisation
    >>> abs(result.wait - 0.5) < 4 * result.stderr["wait"] < 0.03
    True
    """
    _counts("agents", agents, least=1), _counts("customers", customers, least=1), _positive("load", load)
    if patience is not None:
        _positive("patience", patience)
    elif not load < agents:
        raise ValueError(f"load must be below agents when everybody waits: got load={load}, agents={agents}")
    memory = _relaxation_time(load, agents, patience)
    warmup = WARMUP * memory if warmup is None else float(_not_negative("warmup", warmup))
    size = int(customers - math.ceil(warmup * load)) // BATCHES
    if size < 1:
        raise ValueError(f"customers must outlast the warm-up of {warmup:.3g} service times: got {customers}")
    offered, patient = map(np.concatenate, zip(*_waits(load, agents, customers, seed, patience), strict=True))
    seen = {"wait": offered > 0, "abandon": offered > patient, "mean_wait": np.minimum(offered, patient)}
    batches = {name: values[-size * BATCHES :].reshape(BATCHES, size).mean(axis=1) for name, values in seen.items()}
    length = size / load / memory
    scale = 1 / math.sqrt(BATCHES) if length >= BATCH_LENGTH else math.nan
    mean = {name: float(means.mean()) for name, means in batches.items()}
    stderr = {name: float(means.std(ddof=1)) * scale for name, means in batches.items()}
    return Simulation(**mean, stderr=stderr, batch_length=length)


def _waits(
    load: float, agents: int, customers: int, seed: int, patience: float | None
) -> Iterator[tuple[NDArray, NDArray]]:
    """For each arrival, in order of arrival: the wait it is offered, and the wait it would accept."""
    rng = np.random.default_rng(seed)
    free, clock = [0.0] * int(agents), 0.0  # free: when each agent is next free, a heap
    for first in range(0, customers, CHUNK):
        size = min(CHUNK, customers - first)
        arrivals = clock + np.cumsum(rng.exponential(1 / load, size))
        services = rng.exponential(1, size)
        patient = np.full(size, math.inf) if patience is None else rng.exponential(patience, size)
        draws = (draw.tolist() for draw in (arrivals, services, arrivals + patient))
        clock, starts = arrivals[-1], []
        for arrival, service, last in zip(*draws, strict=True):
            start = free[0]
            if start < arrival:
                start = arrival
            if start <= last:
                heapreplace(free, start + service)
            starts.append(start)
        yield np.array(starts) - arrivals, patient


def _relaxation_time(load: float, agents: int, patience: float | None) -> float:
    """Service times over which the queue forgets its state: 1 for the servers, more for a queue that drains slowly."""
    queue = 1 / (math.sqrt(agents) - math.sqrt(load)) ** 2 if load < agents else math.inf
    return max(1.0, min(queue, math.inf if patience is None else patience))


def _blocking(load: NDArray, agents: NDArray) -> NDArray:
    """Erlang B: Poisson probability over cumulative probability; as a continued fraction where both are far below 1."""
    above = load - agents
    overloaded = above > 3 * np.sqrt(agents)
    blocked = np.empty(load.shape)
    mean, count = load[~overloaded], agents[~overloaded]
    blocked[~overloaded] = _poisson(count, mean) / gammaincc(count + 1, mean)
    mean, count, above = load[overloaded], agents[overloaded], above[overloaded]
    tail = np.zeros(mean.shape)
    for n in range(TERMS, 0, -1):  # Abramowitz & Stegun 6.5.31, even part; n > agents adds nothing
        tail = n * np.maximum(count + 1 - n, 0) / (above + 2 * n + tail)
    blocked[overloaded] = (above + tail) / mean
    return blocked


def _patience(load: NDArray, agents: NDArray, patience: NDArray) -> tuple[NDArray, NDArray]:
    """Share of the waiting time with nobody queueing, and share of those waiting who hang up.

    A queue of j shrinks at rate agents + j / patience, so its states weigh 1, x/(y+1), x^2/((y+1)(y+2)) ...
    """
    x, y, utilisation = load * patience, agents * patience, load / agents
    tail = np.zeros(x.shape)
    with np.errstate(divide="ignore", invalid="ignore"):  # each route where it holds; the other is not used there
        for n in range(TERMS, 1, -1):  # the sum's continued fraction loses no digits when few hang up
            tail = n * x / (y + n - x + tail)
        few = 1 / (y + 1 - x + tail)
        alone = _poisson(y, x) / gammainc(y, x)
        many = 1 - (1 - alone) / utilisation
    calm = (x <= y) & ((x <= 30) | (y - x >= 3 * np.sqrt(y)))
    return np.where(calm, 1 - utilisation + utilisation * few, alone), np.where(calm, few, many)


def _poisson(count: NDArray, mean: NDArray) -> NDArray:
    """Poisson probability, count real, without the cancellation of large logarithms (Loader 2000)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        small = np.exp(xlogy(count, mean) - mean - gammaln(count + 1))
        excess = (mean - count) / count
        deviance = count * (np.where(excess < -0.5, np.log(mean / count), np.log1p(excess)) - excess)
        stirling = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / count**2) / count**2) / count**2) / count
        large = np.exp(deviance - stirling) / np.sqrt(2 * np.pi * count)
    return np.where(count < 16, small, large)


def _plain(values: NDArray) -> Any:
    return values.item() if np.ndim(values) == 0 else values


def _not_negative(name: str, values: ArrayLike) -> NDArray:
    return _within(name, values, "at least 0", lambda value: value >= 0)


def _positive(name: str, values: ArrayLike) -> NDArray:
    return _within(name, values, "positive", lambda value: value > 0)


def _counts(name: str, count: ArrayLike, least: int) -> NDArray:
    rule = f"a whole number, at least {least}"
    return _within(name, count, rule, lambda count: (count >= least) & (count == np.floor(count)))


def _within(name: str, values: ArrayLike, rule: str, holds: Callable[[NDArray], NDArray]) -> NDArray:
    values = np.asarray(values, dtype=float)
    right = np.isfinite(values) & holds(values)
    if not np.all(right):
        raise ValueError(f"{name} must be {rule}, and finite: got {values[~right].flat[0].item()}")
    return values
