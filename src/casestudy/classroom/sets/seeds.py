"""Individual figures: a personal code for each student, and the random numbers that follow from it."""

import hashlib
import hmac
import json

import numpy as np
import pandas as pd

from casestudy.refusals import Refusal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U
LENGTH = 8  # characters before the check character: 40 bits
_READ = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def personal_code(secret: bytes, term: str, problem_set: str, version: int, student: str, attempt: int = 0) -> str:
    """A student's code: what one person cannot guess about another, from the course's secret.

    attempt: raised where the figures of an earlier one are degenerate.

    >>> personal_code(b"0123456789abcdef", "2026", "02-satisfaction", 1, "s1")
    'GGSJ-P359-Y'
    """
    identity = json.dumps([term, problem_set, version, student, attempt], ensure_ascii=False).encode()
    number = int.from_bytes(hmac.new(secret, identity, hashlib.sha256).digest()[:5], "big")
    body = "".join(ALPHABET[number >> 5 * position & 31] for position in reversed(range(LENGTH)))
    return f"{body[:4]}-{body[4:]}-{_check_character(body)}"


def _check_character(body: str) -> str:
    """Luhn's check over 32 characters: notices one wrong character and nearly every swap of two neighbours."""
    total = 0
    for position, letter in enumerate(reversed(body)):
        digit = ALPHABET.index(letter) * (2 - position % 2)
        total += digit // 32 + digit % 32
    return ALPHABET[-total % 32]


def read_code(code: str) -> str:
    """A personal code in its one spelling; a mistyped one is refused.

    >>> read_code("ggsj p359 y")
    'GGSJ-P359-Y'
    """
    body = str(code).upper().translate(_READ)
    known = len(body) == LENGTH + 1 and all(letter in ALPHABET for letter in body)
    if not known or _check_character(body[:LENGTH]) != body[LENGTH]:
        raise Refusal(f"a personal code is like GGSJ-P359-Y, as your lecturer sent it: got {code!r}")
    return f"{body[:4]}-{body[4:LENGTH]}-{body[LENGTH]}"


def individual(problem_set: str, code: str) -> np.random.Generator:
    """The random numbers that belong to one problem set and one code; any other code gives others.

    >>> int(individual("02-satisfaction", "practice").integers(100))
    72
    """
    if not isinstance(code, str) or not code.strip():
        raise Refusal("code must be your personal code, or any word to practise with: got nothing")
    return np.random.default_rng(seed(problem_set, code))


def seed(problem_set: str, code: str) -> int:
    """The seed that a code stands for, however a personal code is spelt."""
    try:
        code = read_code(code)
    except Refusal:  # a word to practise with
        code = code.strip()
    return int.from_bytes(hashlib.sha256(f"{problem_set}\n{code}".encode()).digest()[:8], "big")


def fingerprint(data: pd.DataFrame) -> str:
    """Sixteen characters that stand for a table: the same on every machine that drew the same figures.

    >>> fingerprint(pd.DataFrame({"x": [1.0, 2.0]})) == fingerprint(pd.DataFrame({"x": [1.0, 2.0 + 1e-12]}))
    True
    """
    text = data.to_csv(index=False, float_format="%.9g", lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()[:16]
