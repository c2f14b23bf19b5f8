"""Registers of figures that are true together, and contradictions planted in them whose cores are known."""

import random
from fractions import Fraction

from casestudy.proof.rules import rule

STEPS = (Fraction(1), Fraction(1, 10), Fraction(1, 100))


def printed(name, truth, step):
    """A figure as it would be printed, and what that allows."""
    shown = round(truth / step) * step
    return (rule(f"{name} >= {_text(shown - step / 2)}"), rule(f"{name} <= {_text(shown + step / 2)}"))


def _text(number):
    return f"({number.numerator} / {number.denominator})"


def register(seed, claims, planted):
    """Facts by name, and the planted cores.

    A third of the claims have a formula of earlier ones: sums, differences, products, shares. planted: how many pairs
    and how many trios; each is about variables that nothing else names, or about true ones of the register.
    """
    draw = random.Random(seed)
    truth, facts, cores = {}, {}, []
    for number in range(claims):
        name = f"c{number}"
        if number > 3 and draw.random() < 1 / 3:
            a, b = draw.sample(sorted(truth), 2)
            sign = draw.choice("+-*/")
            value = {
                "+": truth[a] + truth[b],
                "-": truth[a] - truth[b],
                "*": truth[a] * truth[b],
                "/": truth[a] / truth[b],
            }[sign]
            if not Fraction(1, 1000) < value < 10**9:
                sign, value = "+", truth[a] + truth[b]
            facts[f"{name} formula"] = (rule(f"{name} == {a} {sign} {b}"),)
        else:
            value = Fraction(draw.randint(10, 9999), draw.choice((1, 10, 100)))
        truth[name] = value
        step = next((step for step in STEPS if value >= 50 * step), Fraction(1, 10**6))
        facts[name] = printed(name, value, step)
    for number in range(planted[0]):
        high = draw.randint(20, 90)
        pair = {f"pair{number}": (rule(f"p{number} >= {high}"),)}
        pair[f"pair{number} premise"] = (rule(f"p{number} * {draw.randint(2, 5)} <= {high}"),)
        cores.append(frozenset(pair))
        facts |= pair
    for number in range(planted[1]):
        name = draw.choice([name for name in truth if truth[name] > 1])
        factor = draw.randint(2, 5)
        trio = {f"trio{number} formula": (rule(f"t{number} == {name} / {factor}"),)}
        trio[f"trio{number}"] = (rule(f"t{number} >= {_text(truth[name] * draw.randint(2, 4) / factor)}"),)
        cores.append(frozenset({*trio, name}))
        facts |= trio
    order = sorted(facts, key=lambda _: draw.random())
    return {name: facts[name] for name in order}, cores
