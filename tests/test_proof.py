"""All figures at once: what can hold has a witness, what cannot has a core, and each is checked exactly."""

import json
import operator
import random
import re
from fractions import Fraction

import pytest
from registers import register

from casestudy import proof
from casestudy.proof import certificates, prove, rule
from casestudy.proof.ends import LINE, combine
from casestudy.proof.propagation import propagate
from casestudy.proof.rules import components, decimal, names

CASE_CORES = [
    {"heads follow contacts", "expected without self-service", "cx_agents", "cx_exp_agents", "cx_deflect_97"},
    {"daily users have accounts", "28.1 million internet users in Poland", "pl_daily_26", "pl_users_38"},
    {"a count is of its article's time", "660 million members in late 2019", "fp_users_575"},
    {"jobs found are of one year", "4 million hires in 12 months", "pd_jobs_found"},
    ["hh_only_country", "offices stay open", "five offices in the United States in 2010"],
]


def facts(**said):
    """Facts by name, each one rule or several between semicolons."""
    return {name: tuple(rule(text) for text in texts.split(";")) for name, texts in said.items()}


def cores(said):
    return {core.facts for core in prove(said).cores}


# Exactly ----------------------------------------------------------------------------------------------------------


def test_a_number_is_what_its_text_says():
    assert rule("0.1 + 0.2 == 0.3").holds({})
    assert rule("1 / 3 * 3 == 1").holds({}) and rule("1_000 == 1e3").holds({})


def test_a_division_by_zero_is_not_true():
    assert not rule("1 / x == 1 / x").holds({"x": Fraction(0)})
    assert prove(facts(share="x == 1 / y", none="y == 0")).word == "fails"
    assert cores(facts(share="x == z / y", zero="z == 0", none="y == 0")) == {frozenset({"share", "none"})}


@pytest.mark.parametrize(
    "text",
    ["x", "1 < x < 2", "x ** 2 == 1", "f(x) == 1", "x = 1", "x != 1", "'a' == x", "x == True", "x.y == 1", "(" * 600],
)
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(ValueError, match="rule"):
        rule(text)


@pytest.mark.parametrize("number", ["0x10", "0b1", "0o7", "1e400", "1e-400", "1e999999999", "9" * 400])
def test_a_number_is_decimal_and_of_a_size_to_reckon_with(number):
    with pytest.raises(ValueError, match="a number in a rule is"):
        rule(f"x == {number}")
    assert rule("0e9 == 0.000").holds({})


def test_no_chain_of_sizes_is_too_long_to_answer():
    """Squares of squares double their digits each time, and a float ends at 1e308."""
    chain = {f"s{number}": f"y{number + 1} == y{number} * y{number}" for number in range(28)}
    assert prove(facts(start="y0 >= 1.5;y0 <= 1.7", **chain)).word == "undecided"
    assert prove(facts(start="y0 >= 2;y0 <= 3", **chain, end="y28 < 1000")).word == "fails"
    huge, tiny = "*".join(["1e50"] * 8), "*".join(["1e-50"] * 8)
    assert prove(facts(a=f"x == {huge} * y", b="y >= 1;y <= 2", c="x <= 1;x >= 0")).word == "fails"
    assert prove(facts(a=f"x * y <= {tiny}", b="x * y > 3", c="x > 0;y > 0")).word == "fails"
    assert prove(facts(a=f"x + y >= {huge}", b=f"x + y <= {tiny}")).word == "fails"
    assert prove(facts(a=f"x >= {tiny} * y", b="y >= 1", c="x <= 0")).word != "holds"


def test_open_ends_stay_open():
    assert prove(facts(a="x < 1", b="x >= 1")).word == "fails"
    assert prove(facts(a="x <= 1", b="x >= 1")).word == "holds"
    assert prove(facts(a="x < 1", b="y > 2", c="x + 1 == y")).word == "fails"


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_an_interval_holds_whatever_its_parts_can_give(sign):
    draw = random.Random(1)
    operation = rule(f"x {sign} y == 0").left[0]
    for _ in range(300):
        a, b = (sorted(Fraction(draw.randint(-6, 6), draw.randint(1, 3)) for _ in range(2)) for _ in range(2))
        low, high = combine(operation, *(((low, 0), (high, 0)) for low, high in (a, b)))
        x, y = (low_ + (high_ - low_) * Fraction(draw.randint(0, 4), 4) for low_, high_ in (a, b))
        if sign != "/" or y:
            assert low <= (operation(x, y), 0) <= high


def test_a_divisor_on_both_sides_of_nothing_says_nothing():
    assert combine(rule("x / y == 0").left[0], ((Fraction(1), 0),) * 2, ((Fraction(-1), 0), (Fraction(1), 0))) == LINE


# Laws -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_every_planted_contradiction_is_found_with_its_core_and_none_is_invented(seed):
    said, planted = register(seed, 200, (3, 3))
    found = prove(said)
    assert {core.facts for core in found.cores} == set(planted)
    assert all(core.minimal for core in found.cores) and not found.open


@pytest.mark.parametrize("seed", range(4))
def test_a_register_of_truths_has_a_witness(seed):
    said, _ = register(seed, 200, (0, 0))
    found = prove(said)
    assert found.word == "holds"
    assert all(rule.holds(found.point) for rules in said.values() for rule in rules)


def _system(draw):
    """A few random facts about two to four variables."""
    variables = [f"x{number}" for number in range(draw.randint(2, 4))]

    def atom():
        return draw.choice(variables) if draw.random() < 0.75 else draw.choice(["0", "1", "2", "0.5", "10", "-3"])

    def formula():
        text = atom()
        for _ in range(draw.randint(0, 2)):
            text = f"({text} {draw.choice('+-*/')} {atom()})"
        return text

    return {
        f"f{number}": (rule(f"{formula()} {draw.choice(['==', '<', '<=', '>', '>='])} {formula()}"),)
        for number in range(draw.randint(3, 7))
    }


def test_what_holds_somewhere_is_never_said_to_fail():
    draw, seen = random.Random(7), 0
    for _ in range(3000):
        said = _system(draw)
        point = {
            name: Fraction(draw.randint(-6, 12), draw.choice((1, 2, 10))) for name in names(sum(said.values(), ()))
        }
        true = {name: rules for name, rules in said.items() if all(rule.holds(point) for rule in rules)}
        if len(true) >= 2:
            seen += 1
            assert prove(true).word != "fails", (true, point)
        if seen == 150:
            return
    raise AssertionError("too few systems had a point")


def test_a_core_fails_by_itself_and_a_minimal_one_not_without_any_of_its_facts():
    draw, seen = random.Random(11), 0
    for _ in range(110):
        said = _system(draw)
        for core in prove(said).cores:
            assert prove({name: rules for name, rules in said.items() if name in core.facts}).word == "fails"
            for name in core.facts if core.minimal else ():
                left = prove({other: said[other] for other in said if other in core.facts - {name}})
                assert left.word != "fails"  # the point was of a larger set, perhaps
                seen += 1
    assert seen > 40


def test_what_cancels_must_still_not_be_zero():
    """`x == x * y` does not say that y is 1: x may be 0."""
    assert prove(facts(a="x == x * y", b="y >= 3.7")).word != "fails"
    said = facts(a="x == x * y", b="y >= 3.7", c="x > 0")
    assert certificates.by_product(said, *propagate(said)[:2]) == frozenset("abc")
    assert cores(said) == {frozenset("abc")}


def test_sums_and_products_that_no_interval_refutes():
    assert cores(facts(a="x + y == 10", b="x - y == 2", c="2*x + 3*y >= 25")) == {frozenset("abc")}
    round_trip = facts(a="x == 2 * y", b="y == 2 * z", c="z == x / 5", positive="x > 0")
    assert certificates.by_product(round_trip, *propagate(round_trip)[:2]) == frozenset(round_trip)
    assert prove(facts(a="x + y < 1", b="x + z > 1", c="z <= y")).word == "fails"


def test_a_float_finds_multipliers_and_never_proves():
    third = facts(a="3 * x == y", b="y == 1", c="x == 0.333333333333333333333")
    assert prove(third).word == "fails"
    assert prove(facts(a="3 * x == y", b="y == 1", c="x >= 0.333333333333333333333")).word == "holds"


def test_what_shares_no_variable_cannot_quarrel():
    said = facts(a="x == y", b="y == 1", c="z == 2", d="w == z")
    assert [set(group) for group in components(said)] == [{"a", "b"}, {"c", "d"}]


def test_two_quarrels_are_told_apart_and_what_sets_each_right_is_named():
    found = prove(facts(a="x >= 3", b="x <= 2", c="y == x + 1", d="y <= 2", e="y >= 9"))
    by_facts = {core.facts: core.restores for core in found.cores}
    assert by_facts[frozenset("ab")] == frozenset()  # e stays with d
    assert found.word == "fails"


def test_not_decided_is_an_answer():
    circle = prove(
        facts(a="x * x * x + y * y * y == 3", b="x * y * y == 1", c="x * x * x * y == 2", d="x - y * y * x == 0.1")
    )
    assert circle.word in ("undecided", "fails") and not circle.point


def test_a_number_for_a_reader():
    assert [decimal(Fraction(text)) for text in ("1/8", "2/3", "-5")] == ["0.125", "≈ 0.6667", "-5"]


# The case ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("floors", proof.FLOORS)
@pytest.mark.parametrize("rounding", proof.ROUNDINGS)
def test_what_is_printed_can_all_hold_under_every_reading(floors, rounding):
    said = proof.printed(None, floors, rounding)
    found = prove(said)
    assert found.word == "holds"
    assert all(rule.holds(found.point) for rules in said.values() for rule in rules)


def test_a_cut_figure_stands_for_more_than_it_says():
    (low, high) = (said.text for said in proof.printed(rounding="cut")["cx_csat_after"])
    assert (low, high) == ("cx_csat_after >= 81 / 10", "cx_csat_after < 41 / 5")
    assert [said.sign for said in proof.printed()["cx_csat_after"]] == [operator.ge, operator.le]


def test_with_the_premises_five_groups_cannot():
    found = prove(proof.facts())
    assert {core.facts for core in found.cores} == set(map(frozenset, CASE_CORES))
    assert all(core.minimal for core in found.cores)


def test_strictly_more_than_frees_those_that_lean_on_a_floor():
    left = {core.facts for core in prove(proof.facts(floors="strict")).cores}
    assert left == {frozenset(CASE_CORES[place]) for place in (0, 2, 4)}


def test_a_planted_figure_is_found(copied_case, edit_claim):
    for column, value in {"printed": 9.1, "value": 9.1, "low": 9.05, "high": 9.15}.items():
        edit_claim("cx_csat_after", column, value)
    (core,) = prove(proof.printed(copied_case)).cores
    formula = "cx_csat_23 = cx_csat_after / cx_csat_before - 1"
    assert core.facts == {"cx_csat_after", "cx_csat_before", "cx_csat_23", formula} == core.restores


HEADER = "premise,rule,layer\n"
SAY_NOTHING = {  # rows without their layer, and how the refusal goes on after the file's name
    "\n\nx,cx_agents >= 1\n\ny,cx_agents = 1\n": "line 6 (y): not a rule: 'cx_agents = 1'",
    '"a\nb",cx_agents >= 1\ny,cx_agents != 1\n': "line 4 (y): a rule compares two formulas by one of",
    "  ,cx_agents >= 1\n": "line 2: premise must not be empty",
    "x,  \n": "line 2: rule must not be empty",
    "pd_closer,cx_agents >= 1\n": "line 2 (pd_closer): a premise must not be called like a claim",
    "x,cx_agent >= 9\n": "line 2 (x): 'cx_agent' stands in no other rule, so that nothing binds it; did you mean 'cx",
    "x,cx_agents >= 9\nx,CX_agents <= 9\n": "line 3 (x): 'CX_agents' stands in no other rule",
    "x,cx_agent >= 9\nx,cx_agent <= 9e5\n": "line 2 (x): 'cx_agent' is no claim, and leads to none; did you mean 'cx",
    "x,pd_closer >= 1\n": "line 2 (x): 'pd_closer' stands in no other rule, so that nothing binds it; it prints",
    "x,foo >= 1\n": "line 2 (x): 'foo' stands in no other rule, so that nothing binds it; add a rule that does",
}


def test_a_premise_that_says_nothing_of_the_claims_is_refused_at_its_line(copied_case):
    for rows, reason in SAY_NOTHING.items():
        (copied_case.data / "premises.csv").write_text(HEADER + re.sub(r"(?<=[^\n])\n(?!b)", ",invented\n", rows))
        with pytest.raises(ValueError, match=re.escape(f"premises.csv {reason}")) as refused:
            proof.facts(copied_case)
        assert "\n" not in str(refused.value)


def test_a_premise_is_its_words_not_its_spaces(copied_case):
    rows = " x  y,cx_agents >= 9000,invented\nx y,cx_agents <= 2 * own,invented\nz,own <= 9,reported\n"
    (copied_case.data / "premises.csv").write_text(HEADER + rows)
    assert {name: len(said) for name, said in proof.premises(copied_case).items()} == {"x y": 2, "z": 1}


def test_a_claim_that_no_rule_can_name_is_refused_by_its_name(copied_case, edit_claim):
    edit_claim("cx_csat_after", "high", "1e300")
    with pytest.raises(ValueError, match=r"claims.csv: cx_csat_after: a number in a rule is 0 or from 1e-50"):
        proof.printed(copied_case)


def test_the_command_tells_the_cores_with_their_places(typed):
    code, said, _ = typed("prove")
    assert code == 0 and "94 facts as printed, figures and formulas: they can all hold at once." in said
    assert "004 p11: 97 percent (cx_deflect_97)" in said and "premise: heads follow contacts" in said
    code, said, _ = typed("prove", "--json", "--floors", "strict", "--without", "cx_agents")
    told = json.loads(said)
    assert (told["printed"], len(told["cores"])) == ("holds", 2)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--floors", "loose"], "a reading is one of conventional, strict: got 'loose'"),
        (["--rounding", "up"], "a reading is one of nearest, half up, half even, cut: got 'up'"),
        (["--without", "cx_agent"], "no fact 'cx_agent'; "),
    ],
)
def test_what_is_unknown_is_refused(typed, words, reason):
    code, said, complaints = typed("prove", *words)
    assert (code, said) == (2, "") and reason in complaints and complaints.count("\n") == 1


def test_a_floor_that_is_open_above_is_still_raised():
    """0.26 of 28 million are more than 3.8 million: the floor rises to 7.28 million, and a point is found there."""
    said = {"share": ("s >= 0.26", "s < 0.27"), "people": ("p >= 28", "p <= 29"), "floor": ("a > 3.8",)}
    said["daily users have accounts"] = ("s * p <= a",)
    proof = prove({name: tuple(map(rule, texts)) for name, texts in said.items()})
    assert proof.word == "holds" and proof.point["a"] >= Fraction("7.28")


def test_three_premises_of_the_case_clash_with_nothing():
    """That members never fall, that the pace was steady, that phone users write as often as before."""
    clash = frozenset().union(*(core.facts for core in prove(proof.facts()).cores))
    assert {"members never fall", "a steady pace", "phone users write as often as before"} <= set(proof.premises())
    assert not clash & {"members never fall", "a steady pace", "phone users write as often as before"}
    for floors in proof.FLOORS:
        for rounding in proof.ROUNDINGS:
            assert not prove(proof.facts(floors=floors, rounding=rounding)).open
