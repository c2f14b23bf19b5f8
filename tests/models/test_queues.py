import json
from math import ceil, inf, isnan, log, nan, sqrt
from pathlib import Path

import mpmath
import numpy as np
import pytest
from pytest import approx
from scipy.optimize import brentq
from scipy.stats import norm

from casestudy.models import queues

REFERENCES = Path(__file__).parents[1] / "references"


def reference(name):
    return json.loads((REFERENCES / f"{name}.json").read_text())


# Published values. ---------------------------------------------------------------------------------------------------


def test_erlang_b_carries_the_loads_of_a_printed_table():
    table = reference("erlang_b_table")
    cases = zip(table["inputs"]["channels"], table["inputs"]["blocking"], table["published"]["load"], strict=True)
    for channels, blocking, load in cases:
        ours = brentq(lambda load, n=channels, b=blocking: queues.erlang_b(load, n) - b, 1e-6, 2 * channels)
        assert ours == approx(load, abs=table["tolerance"]), f"{channels} channels at blocking {blocking}"


def test_erlang_c_staffs_the_published_call_centre():
    example = reference("erlang_c_call_centre")
    given, printed = example["inputs"], example["published"]
    load, threshold = (
        given["calls"] / given["period_min"] * given["handle_min"],
        given["answer_min"] / given["handle_min"],
    )
    agents = queues.agents_needed(load, target=given["target"], threshold=threshold)
    ours = {
        "agents": agents,
        "service_level": queues.service_level(load, agents, threshold),
        "occupancy": load / agents,
        "wait": queues.erlang_c(load, agents),
    }
    assert ours == approx(printed, abs=example["tolerance"])


def test_erlang_a_and_c_give_the_published_waits_of_fifty_agents():
    example = reference("erlang_a_gmr2002")
    agents, load = example["inputs"]["agents"], example["inputs"]["arrivals_per_min"] * example["inputs"]["service_min"]
    patient, wait = queues.erlang_a(load, agents, patience=2), queues.erlang_c(load, agents)
    ours = {
        "a_abandon": patient.abandon,
        "a_mean_wait_s": 60 * patient.mean_wait,
        "a_queue": patient.queue,
        "a_utilisation": patient.utilisation,
        "c_mean_wait_s": 60 * wait / (agents - load),
        "c_wait_90th_s": 60 * log(wait / 0.1) / (agents - load),
    }
    for name, value in example["published"].items():
        assert ours[name] == approx(value, abs=example["tolerance"][name]), name


# Arbitrary precision. ------------------------------------------------------------------------------------------------


def in_sixty_digits(load, agents):
    """Erlang B and C from the sum of N!/(N-k)!/load^k, which is 1/B."""
    with mpmath.workdps(60):
        load = mpmath.mpf(load)
        total = term = mpmath.mpf(1)
        for k in range(agents):
            term = term * (agents - k) / load
            total += term
            if agents - k - 1 < load and term < total * mpmath.mpf(10) ** -30:  # the rest is smaller and falls
                break
        waiting = 1 / (1 + (1 - load / agents) * (total - 1)) if load < agents else mpmath.mpf(1)
        return 1 / total, waiting


@pytest.mark.parametrize("agents", [1, 2, 10, 15, 16, 100, 1_000, 10_000, 100_000, 1_000_000])
def test_erlang_b_and_c_keep_nine_digits_up_to_a_million_agents_and_in_overload(agents):
    loads = [agents - beta * sqrt(agents) for beta in (0.5, 1, 2, -2.9, -3.1)]  # 3: where one route takes over
    loads += [agents * share for share in (0.01, 0.5, 0.9, 0.999, 1.0, 1.2, 2.0)]
    if agents >= 100_000:
        loads = [load for load in loads if load > 0.95 * agents] + [0.97 * agents]  # lower ones are below 1e-300
    checked = 0
    for load in (load for load in loads if load > 0):
        for ours, exact in zip((queues.erlang_b, queues.erlang_c), in_sixty_digits(load, agents), strict=True):
            if exact > 1e-300:
                assert abs(ours(load, agents) / exact - 1) < 1e-9, f"{ours.__name__}({load}, {agents})"
                checked += 1
    assert checked >= 16


def test_a_million_waiting_probabilities_at_up_to_a_thousand_agents_are_probabilities():
    rng = np.random.default_rng(1)
    agents = rng.integers(1, 1_001, size=1_000_000)
    load = agents * rng.uniform(0, 1, size=agents.size)
    waiting = queues.erlang_c(load, agents)
    assert np.all((waiting >= 0) & (waiting <= 1))


def chain(load, agents, patience, states=30_000):
    """Erlang A as a birth-death chain, summed state by state in logs."""
    present = np.arange(1, states)
    leave = np.minimum(present, agents) + np.maximum(present - agents, 0) / patience
    logs = np.concatenate([[0], np.cumsum(np.log(load / leave))])
    weight = np.exp(logs - logs.max())
    share, queue = weight / weight.sum(), np.maximum(np.arange(states) - agents, 0)
    return share[agents:].sum(), share @ queue / patience / load, share @ queue / load


@pytest.mark.parametrize("patience", [0.01, 0.5, 2, 30])
@pytest.mark.parametrize("agents", [1, 7, 100, 1_000])
def test_erlang_a_is_its_birth_death_chain(agents, patience):
    for load in (0.3 * agents, 0.9 * agents, agents, 1.3 * agents):
        ours = queues.erlang_a(load, agents, patience)
        # 1e-9: the chain's own sum of 30,000 logarithms keeps about ten digits
        assert (ours.wait, ours.abandon, ours.mean_wait) == approx(chain(load, agents, patience), rel=1e-9)


# Laws. ---------------------------------------------------------------------------------------------------------------

AGENTS = np.arange(1, 400)
LOADS = np.array([0.3, 4.0, 90.0, 350.0])[:, None]


def test_one_more_agent_blocks_fewer_by_the_recursion():
    before, after = queues.erlang_b(LOADS, AGENTS - 1), queues.erlang_b(LOADS, AGENTS)
    seen = before > 1e-250
    assert (after * (AGENTS + LOADS * before))[seen] == approx((LOADS * before)[seen], rel=1e-11)


def test_waiting_follows_from_blocking():
    blocked, used = queues.erlang_b(LOADS, AGENTS), LOADS / AGENTS
    stable = (used < 1) & (blocked > 1e-250)
    assert queues.erlang_c(LOADS, AGENTS)[stable] == approx((blocked / (1 - used * (1 - blocked)))[stable], rel=1e-11)


def test_waiting_falls_as_agents_rise():
    waiting = queues.erlang_c(LOADS, AGENTS)
    falling = (AGENTS[1:] > LOADS) & (waiting[:, 1:] > 1e-250)
    assert np.all(np.diff(waiting)[falling] < 0)


def test_waiting_is_certain_when_load_reaches_agents():
    assert queues.erlang_c(load=[9.999999, 10, 50], agents=10) == approx([1, 1, 1], abs=1e-5)
    assert queues.erlang_c(load=10, agents=10) == 1
    assert queues.service_level(load=12, agents=10, threshold=5) == 0


def test_the_share_waiting_tends_to_its_square_root_limit():
    agents = 1_000_000
    for beta in (0.5, 1.0, 2.0):
        load = (sqrt(agents + beta**2 / 4) - beta / 2) ** 2  # load + beta sqrt(load) = agents
        limit = 1 / (1 + beta * norm.cdf(beta) / norm.pdf(beta))  # Halfin & Whitt 1981
        assert queues.erlang_c(load, agents) == approx(limit, rel=3 / sqrt(agents))  # its error is of that order


def test_endless_patience_is_erlang_c_and_none_is_erlang_b():
    load, agents = np.array([0.6, 8.0, 95.0]), np.array([1, 10, 100])
    endless, none = queues.erlang_a(load, agents, patience=1e12), queues.erlang_a(load, agents, patience=1e-12)
    wait = queues.erlang_c(load, agents)
    assert endless.wait == approx(wait, rel=1e-9)
    assert endless.mean_wait == approx(wait / (agents - load), rel=1e-9)
    assert none.abandon == approx(queues.erlang_b(load, agents), rel=1e-9)


def test_in_overload_the_excess_hangs_up():
    lost = queues.erlang_a(load=20_000, agents=10_000, patience=5)
    assert (lost.wait, lost.abandon, lost.utilisation) == approx((1, 0.5, 1), rel=1e-9)


def test_customers_who_hang_up_waited_for_their_patience_in_all():
    result = queues.erlang_a(LOADS, AGENTS, patience=3)
    assert result.abandon == approx(result.mean_wait / 3, rel=1e-12)  # hang-up rate times time spent waiting
    assert result.queue == approx(LOADS * result.mean_wait, rel=1e-12)  # Little
    assert result.utilisation * AGENTS + LOADS * result.abandon == approx(LOADS + 0 * AGENTS, rel=1e-12)  # all leave


def test_more_patience_means_more_waiting_and_fewer_lost():
    result = queues.erlang_a(load=95, agents=100, patience=np.geomspace(0.001, 1_000, 60))
    assert np.all(np.diff(result.mean_wait) > 0) and np.all(np.diff(result.abandon) < 0)


def test_agents_needed_are_enough_and_one_fewer_is_not():
    load = np.array([0.0, 0.2, 1.0, 7.5, 80.0, 775.0, 10_000.0])[:, None]
    target = np.array([0.2, 0.8, 0.99])
    agents = queues.agents_needed(load, target, threshold=1 / 15)
    assert np.all(queues.service_level(load, agents, 1 / 15) >= target)
    fewer = np.maximum(agents - 1, 1)
    assert np.all((queues.service_level(load, fewer, 1 / 15) < target) | (agents == 1))


def test_agents_for_eighty_per_cent_in_twenty_seconds_of_five_minutes_keep_ever_busier():
    agents = queues.agents_needed(load=[100, 775, 10_000], target=0.8, threshold=20 / 300)
    assert agents.tolist() == [108, 789, 10_021]
    assert queues.agents_needed(load=10_000, target=0.8, threshold=20 / 300, max_occupancy=0.85) == ceil(10_000 / 0.85)


def test_an_occupancy_cap_is_met_exactly():
    assert queues.agents_needed(load=2.1, target=0.1, threshold=9, max_occupancy=0.7) == 3


def test_one_pool_never_needs_more_agents_than_two():
    first, second = np.meshgrid(np.geomspace(0.1, 900, 25), np.geomspace(0.1, 900, 25))

    def needed(load):
        return queues.agents_needed(load, target=0.8, threshold=1 / 9)

    assert np.all(needed(first + second) <= needed(first) + needed(second))


# Simulation. ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("load", "agents"), [(8, 10), (90, 100)])
def test_simulated_customers_wait_as_erlang_c_says(load, agents):
    result, wait = queues.simulate(load, agents, customers=1_000_000, seed=1), queues.erlang_c(load, agents)
    assert abs(result.wait - wait) < 4 * result.stderr["wait"] < 0.1
    assert abs(result.mean_wait - wait / (agents - load)) < 4 * result.stderr["mean_wait"]
    assert result.abandon == 0


@pytest.mark.parametrize(("load", "agents", "patience"), [(8, 10, 2.0), (110, 100, 0.7)])
def test_simulated_customers_hang_up_as_erlang_a_says(load, agents, patience):
    result, exact = (
        queues.simulate(load, agents, 500_000, seed=2, patience=patience),
        queues.erlang_a(load, agents, patience),
    )
    for name, error in result.stderr.items():
        assert abs(getattr(result, name) - getattr(exact, name)) < 4 * error < 0.05, name


def test_simulated_errors_cover_the_truth_about_as_often_as_they_say():
    exact = queues.erlang_c(8, 10)
    runs = [queues.simulate(8, 10, customers=32_000, seed=seed) for seed in range(60)]
    covered = sum(abs(run.wait - exact) < 2.09 * run.stderr["wait"] for run in runs)  # t, 19 degrees of freedom: 95%
    assert 51 <= covered <= 60  # 57 expected; 51 has probability 0.01 under a true 95%


def test_too_short_a_simulation_admits_that_it_has_no_error():
    short = queues.simulate(load=968, agents=1_000, customers=90_000, seed=1)  # 90 service times
    assert short.batch_length < 20 and all(isnan(error) for error in short.stderr.values())


def test_a_seed_repeats_a_simulation_and_another_does_not():
    first, again, other = (queues.simulate(3, 4, 20_000, seed=seed) for seed in (5, 5, 6))
    assert first == again and first != other


# Refusals. -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: queues.erlang_b(-1, 3), "load must be at least 0, and finite: got -1.0"),
        (lambda: queues.erlang_b([1, nan], 3), "load must be at least 0, and finite: got nan"),
        (lambda: queues.erlang_c(inf, 3), "load must be at least 0, and finite: got inf"),
        (lambda: queues.erlang_c(1, [3, 2.5]), "agents must be a whole number, at least 1, and finite: got 2.5"),
        (lambda: queues.erlang_c(1, 0), "agents must be a whole number, at least 1, and finite: got 0.0"),
        (lambda: queues.erlang_a(1, 1, 0), "patience must be positive"),
        (lambda: queues.agents_needed(1, 1.0, 0.1), "target must be above 0 and below 1"),
        (lambda: queues.agents_needed(1, 0.8, -1), "threshold must be at least 0"),
        (lambda: queues.agents_needed(1, 0.8, 0.1, max_occupancy=1.1), "max_occupancy must be above 0 and at most 1"),
        (lambda: queues.simulate(10, 10, 1_000, seed=1), "load must be below agents when everybody waits"),
        (lambda: queues.simulate(9, 10, 100, seed=1), "customers must outlast the warm-up"),
    ],
)
def test_refused_with_what_must_hold_and_what_came_in(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_arguments_are_left_as_they_were():
    load, agents = np.array([1.0, 5.0]), np.array([2, 4])
    queues.erlang_a(load, agents, 1.0), queues.erlang_c(load, agents), queues.agents_needed(load, 0.8, 0.1)
    assert load.tolist() == [1, 5] and agents.tolist() == [2, 4]
