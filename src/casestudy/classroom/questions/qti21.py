"""QTI 2.1 as a package: an item for each variant, and a test that draws one variant of each question.

Points, tolerances, what slips earn and their hints are in each item's own response processing.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from casestudy.classroom.questions.items import Bank, Item, Part, plain_number
from casestudy.classroom.questions.moodle import hint
from casestudy.classroom.questions.packed import identifier, xhtml

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGING = "http://www.imsglobal.org/xsd/imscp_v1p1"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
LINES = 12


def files(bank: Bank) -> dict[str, str]:
    """The package's files by their names."""
    items = {f"items/{identifier(item.id)}.xml": item for group in bank.groups for item in group.items}
    return {
        "imsmanifest.xml": _manifest(bank, list(items)),
        "test.xml": _test(bank),
        **{name: _item(item) for name, item in items.items()},
    }


def _manifest(bank: Bank, names: list[str]) -> str:
    about = "<metadata><schema>QTIv2.1 Package</schema><schemaversion>1.0.0</schemaversion></metadata>"
    rows = "".join(
        f'<resource identifier="R-{name[6:-4]}" type="imsqti_item_xmlv2p1" href="{name}">'
        f'<file href="{name}"/></resource>'
        for name in names
    )
    needs = "".join(f'<dependency identifierref="R-{name[6:-4]}"/>' for name in names)
    test = '<resource identifier="TEST" type="imsqti_test_xmlv2p1" href="test.xml"><file href="test.xml"/>'
    return (
        f'{HEAD}<manifest xmlns="{PACKAGING}" identifier="M-{identifier(bank.problem_set)}">{about}'
        f"<organizations/><resources>{test}{needs}</resource>{rows}</resources></manifest>\n"
    )


def _test(bank: Bank) -> str:
    """A test that draws one variant of each question."""
    sections = "".join(
        f'<assessmentSection identifier="S-{identifier(group.name)}" title={quoteattr(group.name)} visible="true">'
        '<selection select="1"/>'
        + "".join(
            f'<assessmentItemRef identifier="{identifier(item.id)}" href="items/{identifier(item.id)}.xml"/>'
            for item in group.items
        )
        + "</assessmentSection>"
        for group in bank.groups
    )
    return (
        f'{HEAD}<assessmentTest xmlns="{NAMESPACE}" identifier="T-{identifier(bank.problem_set)}" '
        f'title={quoteattr(bank.title)}><testPart identifier="P" navigationMode="nonlinear" '
        f'submissionMode="individual">{sections}</testPart></assessmentTest>\n'
    )


def _item(item: Item) -> str:
    head = (
        f'{HEAD}<assessmentItem xmlns="{NAMESPACE}" identifier="{identifier(item.id)}" title={quoteattr(item.title)} '
        'adaptive="false" timeDependent="false">'
    )
    most = f'<outcomeDeclaration identifier="MAXSCORE" cardinality="single" baseType="float">{_value(item.points)}'
    score = (
        '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"><defaultValue><value>0</value>'
    )
    outcomes = f"{score}</defaultValue></outcomeDeclaration>{most}</outcomeDeclaration>"
    if not item.parts:
        body = (
            f"{xhtml(item.text)}"
            f'<extendedTextInteraction responseIdentifier="RESPONSE" expectedLines="{LINES}"/>'
            f'<rubricBlock view="scorer"><div>{xhtml(item.guide)}</div></rubricBlock>'
        )
        response = '<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="string"/>'
        return f"{head}{response}{outcomes}<itemBody><div>{body}</div></itemBody></assessmentItem>\n"
    numbered = list(enumerate(item.parts, 1))
    said = "".join(
        f'<outcomeDeclaration identifier="HINT_{n}" cardinality="single" baseType="identifier"/>' for n, _ in numbered
    )
    body = f"{xhtml(item.text)}{''.join(_asked(n, part) for n, part in numbered)}"
    rules = "".join(_rule(n, part, item.points * part.weight) for n, part in numbered)
    return (
        f"{head}{''.join(_response(n, part) for n, part in numbered)}{outcomes}{said}<itemBody><div>{body}</div>"
        f"</itemBody><responseProcessing>{rules}</responseProcessing>"
        f"{''.join(one for n, part in numbered for one in _hints(n, part))}</assessmentItem>\n"
    )


def _value(number: float) -> str:
    return f"<defaultValue><value>{plain_number(round(number, 9))}</value></defaultValue>"


def _response(number: int, part: Part) -> str:
    kind = "float" if part.options is None else "identifier"
    right = plain_number(part.right) if part.options is None else part.right
    return (
        f'<responseDeclaration identifier="RESPONSE_{number}" cardinality="single" baseType="{kind}">'
        f"<correctResponse><value>{escape(str(right))}</value></correctResponse></responseDeclaration>"
    )


def _asked(number: int, part: Part) -> str:
    label = xhtml(part.label)
    if part.options is None:
        return f'<p>{label}: <textEntryInteraction responseIdentifier="RESPONSE_{number}" expectedLength="15"/></p>'
    options = "".join(
        f"<simpleChoice identifier={quoteattr(key)}>{xhtml(text)}</simpleChoice>" for key, text in part.options.items()
    )
    return (
        f'<choiceInteraction responseIdentifier="RESPONSE_{number}" shuffle="true" maxChoices="1">'
        f"<prompt>{label}</prompt>{options}</choiceInteraction>"
    )


def _rule(number: int, part: Part, points: float) -> str:
    """What a part adds to the score, and which hint it shows: the first that fits."""
    given = f'<variable identifier="RESPONSE_{number}"/>'
    right = f"{_fits(given, part, part.right, part.tolerance)}{_scored(points)}"
    slips = "".join(
        f"<responseElseIf>{_fits(given, part, slip.value, slip.tolerance)}{_scored(points * slip.share)}"
        f'<setOutcomeValue identifier="HINT_{number}"><baseValue baseType="identifier">H{n}</baseValue>'
        "</setOutcomeValue></responseElseIf>"
        for n, slip in enumerate(part.slips, 1)
    )
    return f"<responseCondition><responseIf>{right}</responseIf>{slips}</responseCondition>"


def _fits(given: str, part: Part, value: object, tolerance: float) -> str:
    if part.options is not None:
        return f'<match>{given}<baseValue baseType="identifier">{escape(str(value))}</baseValue></match>'
    assert isinstance(value, float)
    near = plain_number(tolerance + 1e-12 * max(1.0, abs(value)))  # a typed value differs in its last binary digit
    return (
        f'<equal toleranceMode="absolute" tolerance="{near} {near}">{given}'
        f'<baseValue baseType="float">{plain_number(value)}</baseValue></equal>'
    )


def _scored(points: float) -> str:
    return (
        '<setOutcomeValue identifier="SCORE"><sum><variable identifier="SCORE"/>'
        f'<baseValue baseType="float">{plain_number(round(points, 9))}</baseValue></sum></setOutcomeValue>'
    )


def _hints(number: int, part: Part) -> Iterator[str]:
    for n, slip in enumerate(part.slips, 1):
        words = xhtml(hint(slip).replace("<br>", "<br/>"))
        yield (
            f'<modalFeedback outcomeIdentifier="HINT_{number}" identifier="H{n}" showHide="show"><p>{words}</p>'
            "</modalFeedback>"
        )
