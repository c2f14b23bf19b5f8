"""Platforms as far as they mark: each reads nothing but the file, by the rules of its format.

Moodle's are those of a real Moodle 5.1, which gave the same points (docs/in-the-platform.md).
"""

import html
import io
import re
import zipfile
from xml.etree import ElementTree

ALTERNATIVE = re.compile(
    r"~?(=|%(?P<pct>-?\d+(?:\.\d*)?)%)?(?P<answer>.+?)(?<!&)(?=[~#}]|$)(#(?P<said>.*?)(?=[~}]|$))?", re.S
)
GAP = re.compile(r"\{(\d*):(NUMERICAL|MULTICHOICE_VS):(.*?)\}", re.S)
Q21 = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
Q12 = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"


def within(given, value, tolerance):
    return given is not None and abs(given - value) <= tolerance + 1e-14 * max(1, abs(value))


def moodle(file):
    """By idnumber what marks answers: given as numbers and options' places; points, and what is said to each part."""
    return {
        question.findtext("idnumber"): lambda answers, question=question: _moodle(question, answers)
        for question in ElementTree.fromstring(file).iter("question")
        if question.get("type") not in ("category", "essay")
    }


def _moodle(question, answers):
    points = float(question.findtext("defaultgrade"))
    if question.get("type") == "cloze":
        gaps = GAP.findall(question.findtext("questiontext/text"))
        assert len(gaps) == len(answers)
        weights = [int(weight) for weight, _, _ in gaps]
        marked = [_gap(kind, keys, given) for (_, kind, keys), given in zip(gaps, answers, strict=True)]
        share = sum(w * one for w, (one, _) in zip(weights, marked, strict=True)) / sum(weights)
        return points * share, [said for _, said in marked]
    (given,) = answers
    for number, answer in enumerate(question.iter("answer")):
        value = answer.findtext("text")
        if question.get("type") == "numerical":
            fits = within(given, float(value), float(answer.findtext("tolerance")))
        else:
            fits = given == number
        if fits:
            return points * float(answer.get("fraction")) / 100, [answer.findtext("feedback/text")]
    return 0.0, [""]


def _gap(kind, keys, given):
    for number, found in enumerate(ALTERNATIVE.finditer(keys)):
        share = 1.0 if found[1] == "=" else float(found["pct"] or 0) / 100
        if kind == "NUMERICAL":
            value, _, tolerance = found["answer"].partition(":")
            fits = within(given, float(value), float(tolerance))
        else:
            fits = given == number
        if fits:
            return share, html.unescape(found["said"] or "")
    return 0.0, ""


def unpacked(file):
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def qti21(file):
    """By identifier what marks answers: given as numbers and options' keys."""
    items = (ElementTree.fromstring(text) for name, text in unpacked(file).items() if name.startswith("items/"))
    return {
        item.get("identifier"): lambda answers, item=item: _qti21(item, answers)
        for item in items
        if item.find(f"{Q21}responseProcessing") is not None
    }


def _qti21(item, answers):
    given = {f"RESPONSE_{number}": answer for number, answer in enumerate(answers, 1)}
    score, hints = 0.0, {}
    for condition in item.find(f"{Q21}responseProcessing"):
        for branch in condition:
            test, *actions = branch
            if _holds(test, given):
                for action in actions:
                    if action.get("identifier") == "SCORE":
                        score += float(action.findtext(f"{Q21}sum/{Q21}baseValue"))
                    else:
                        hints[action.get("identifier")] = action.findtext(f"{Q21}baseValue")
                break
    shown = {(one.get("outcomeIdentifier"), one.get("identifier")): one for one in item.findall(f"{Q21}modalFeedback")}
    return score, ["".join(shown[key].itertext()) for key in hints.items()]


def _holds(test, given):
    value, base = given[test[0].get("identifier")], test[1].text
    if test.tag == f"{Q21}match":
        return value == base
    low, high = map(float, test.get("tolerance").split())
    return value is not None and float(base) - low <= value <= float(base) + high


def qti12(file):
    """By ident what marks one part's answer."""
    files = unpacked(file)
    (quiz,) = [text for text in files.values() if "<questestinterop" in text]
    return {
        item.get("ident"): lambda given, item=item: _qti12(item, given)
        for item in ElementTree.fromstring(quiz).iter(f"{Q12}item")
    }


def _qti12(item, given):
    fields = {field[0].text: field[1].text for field in item.iter(f"{Q12}qtimetadatafield")}
    rule = item.findall(f"{Q12}resprocessing/{Q12}respcondition")[-1]
    equal = rule.find(f".//{Q12}varequal")
    low, high = (rule.find(f".//{Q12}{end}") for end in ("vargte", "varlte"))
    if fields["question_type"] == "numerical_question":
        right = given is not None and float(low.text) <= given <= float(high.text)
    else:
        right = given is not None and equal.text == f"{item.get('ident')}.{given}"
    return float(fields["points_possible"]) * right
