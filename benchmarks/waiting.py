"""Queues: our simulation beside SimPy's and Ciw's on the same arrivals, Erlang C beside pyworkforce."""

import math
import subprocess
import time
from pathlib import Path

import numpy as np
from measure import BESIDE, BUILD, Cost, Options, environment, in_turn, our_versions
from measure import versions as versions_in
from tell import paragraphs, read, table, told_lines, verdict

from casestudy.models import queues

LOAD, AGENTS, CUSTOMERS, SEED, WARMUP = 968, 1_000, 1_600_000, 7, 40  # the fewest that give an error; `simulate`
MORE = 20_000_000  # for ours alone
SIMULATIONS = {"SimPy": "queue_simpy.py", "Ciw": "queue_ciw.py"}
ONCE_ABOVE_S = 60
SIDE, PEER_VALUES = 1_000, 5_000  # loads and agents of a square of values; how many of them the peer works out
OURS = "casestudy"


def programs() -> Path:
    """Where the peers are; later versions of pyworkforce ask for Python 3.12."""
    return environment("queues", "simpy==4.1.2", "ciw==3.2.7", "pyworkforce==0.5.1", "numpy")


def peer(script: str, *words: object) -> Cost:
    """The work alone, as the script says; imports and files are not counted."""
    command = [str(word) for word in (programs() / "python", BESIDE / script, *words)]
    cpu, wall = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return Cost(float(cpu), float(wall))


def simulation(options: Options) -> dict:
    """The same customers through three simulations; their mean wait against Erlang C."""
    found, draws, waits = {}, BUILD / "draws.npy", BUILD / "waits.npy"
    np.save(draws, _draws())

    def ours() -> Cost:
        clocks = time.process_time(), time.monotonic()
        result = queues.simulate(LOAD, AGENTS, CUSTOMERS, SEED, warmup=WARMUP)
        cost = Cost(time.process_time() - clocks[0], time.monotonic() - clocks[1])
        found[OURS] = [result.mean_wait, result.stderr["mean_wait"]]
        return cost

    def theirs(name: str) -> Cost:
        cost = peer(SIMULATIONS[name], draws, AGENTS, waits)
        found[name] = _mean_and_error(np.load(waits))
        return cost

    tools = {OURS: ours, "SimPy": lambda: theirs("SimPy"), "Ciw": lambda: theirs("Ciw")}
    runs, told = in_turn(tools, options.rounds, ONCE_ABOVE_S)
    exact = queues.erlang_c(LOAD, AGENTS) / (AGENTS - LOAD)
    longer = queues.simulate(LOAD, AGENTS, MORE, SEED)
    more = [longer.mean_wait, longer.stderr["mean_wait"]]
    used = [our_versions("numpy"), *([versions_in(programs(), "simpy", "ciw", "numpy")] if len(runs) > 1 else [])]
    return {"runs": runs, "found": found, "more": more, "exact": exact, "told": told, "versions": used}


def _draws() -> np.ndarray:
    """Gaps between arrivals, and services, as `simulate` draws them."""
    rng, drawn = np.random.default_rng(SEED), []
    for first in range(0, CUSTOMERS, queues.CHUNK):
        size = min(queues.CHUNK, CUSTOMERS - first)
        drawn.append([rng.exponential(1 / LOAD, size), rng.exponential(1, size)])
    return np.concatenate(drawn, axis=1)


def _mean_and_error(waits: np.ndarray) -> list[float]:
    """Mean of all waits after the warm-up and its standard error, from as many batches as `simulate` takes."""
    size = (CUSTOMERS - math.ceil(WARMUP * LOAD)) // queues.BATCHES
    means = waits[-size * queues.BATCHES :].reshape(queues.BATCHES, size).mean(axis=1)
    return [float(means.mean()), float(means.std(ddof=1)) / math.sqrt(queues.BATCHES)]


def simulation_section(raw: dict) -> str:
    costs, found, exact, (longer, error) = read(raw["runs"]), raw["found"], raw["exact"], raw["more"]
    rate = {name: CUSTOMERS / cost.cpu for name, cost in costs.items()}
    means = [found[name][0] for name in costs]
    apart = max(means) - min(means) if len(means) > 1 else None
    rows = []
    for name, cost in costs.items():
        rows.append([name, len(raw["runs"][name]), cost.cpu, rate[name], rate[OURS] / rate[name]])
        rows[-1] += [f"{value:.6f}" for value in found[name]]
    head = ["", "rounds", "CPU, s", "customers a CPU s", "times slower", "mean wait", "its error"]
    verdicts = [
        verdict("customers a second over SimPy's", rate[OURS] / rate["SimPy"] if "SimPy" in rate else None, least=20),
        verdict("largest difference between the mean waits", apart, most=1e-6),
        verdict(f"ours on {MORE:,} customers from Erlang C, in standard errors", abs(longer - exact) / error, most=2),
    ]
    return paragraphs(
        f"{CUSTOMERS:,} customers, {AGENTS:,} agents, a load of {LOAD} erlang: the same arrivals and services"
        " through all. CPU of the simulation alone, in one process; imports are not counted, and the peers are"
        f" handed their draws. Ours follows this one kind of queue by a recursion; SimPy and Ciw simulate any. The wait"
        f" is in mean service times; Erlang C says {exact:.6f}, ours alone on {MORE:,} customers {longer:.6f} with an"
        f" error of {error:.6f}. Errors of runs as short as those in the table are about a tenth low.",
        table(head, rows),
        told_lines(raw["told"]),
        "\n".join(verdicts),
    )


def erlang(options: Options) -> dict:
    """A million shares of waiting; the peer works out a regular sample of them, one by one."""
    agents = np.repeat(np.arange(1, SIDE + 1), SIDE)
    loads = agents * np.tile((np.arange(SIDE) + 0.5) / SIDE, SIDE)
    some, given, shares = slice(None, None, len(loads) // PEER_VALUES), BUILD / "loads.npy", BUILD / "shares.npy"
    np.save(given, [loads[some], agents[some]])
    answers = {}

    def ours() -> Cost:
        clocks = time.process_time(), time.monotonic()
        answers[OURS] = queues.erlang_c(loads, agents)
        return Cost(time.process_time() - clocks[0], time.monotonic() - clocks[1])

    def theirs() -> Cost:
        cost = peer("erlang_pyworkforce.py", given, shares)
        answers["pyworkforce"] = np.load(shares)
        return cost

    runs, told = in_turn({OURS: ours, "pyworkforce": theirs}, options.rounds)
    used, apart = [our_versions("numpy", "scipy")], None
    if "pyworkforce" in runs:
        used.append(versions_in(programs(), "pyworkforce"))
        right = answers[OURS][some]
        counts = right > 1e-12
        apart = float(np.max(np.abs(answers["pyworkforce"][counts] / right[counts] - 1)))
    return {"runs": runs, "apart": apart, "told": told, "versions": used}


def erlang_section(raw: dict) -> str:
    costs, values = read(raw["runs"]), {OURS: SIDE**2, "pyworkforce": PEER_VALUES}
    rows = [
        [name, len(raw["runs"][name]), values[name], cost.cpu, cost.wall, cost.cpu / values[name] * 1e6]
        for name, cost in costs.items()
    ]
    told = list(raw["told"])
    if raw["apart"] is not None:
        each = {name: cost.cpu / values[name] for name, cost in costs.items()}
        told.append(
            f"pyworkforce works out {PEER_VALUES:,} of the million, every {SIDE**2 // PEER_VALUES}th: a value costs it"
            f" {each['pyworkforce'] / each[OURS]:,.0f} times as much. Where the share is above 1e-12 the two differ by"
            f" at most {raw['apart']:.0e} of it."
        )
    head = ["", "rounds", "values", "CPU, s", "wall, s", "CPU, microseconds a value"]
    return paragraphs(
        f"The share of customers that wait, for 1 to {SIDE:,} agents at {SIDE:,} loads each below their number;"
        " in one process, the numbers at hand. Ours takes arrays, pyworkforce one pair at a time.",
        table(head, rows),
        told_lines(told),
        verdict("seconds for a million values", costs[OURS].wall if OURS in costs else None, most=1),
    )
