"""Whether all that is printed can hold at once: a witness, or the few claims and premises that cannot."""

from casestudy.claims.reading import FLOORS, ROUNDINGS
from casestudy.proof.prover import Core, Proof, prove
from casestudy.proof.register import described, facts, premises, printed
from casestudy.proof.rules import Rule, rule

__all__ = ["FLOORS", "ROUNDINGS", "Core", "Proof", "Rule", "described", "facts", "premises", "printed", "prove", "rule"]
