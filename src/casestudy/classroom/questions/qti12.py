"""QTI 1.2 as Canvas reads it: a quiz that draws one variant of each question, each part a question of its own.

Canvas knows a right number with its tolerance, and right and wrong options: every number that it is given counts as
right. So a slip earns nothing there, hints stand beside options, and those of numbers together below a wrong answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from casestudy.classroom.questions.items import Bank, Group, Item, Part, plain_number
from casestudy.classroom.questions.moodle import hint
from casestudy.classroom.questions.packed import identifier

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGING = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
LOST = "Canvas gives no points for a slip: one earns what the question's other answers earn"


def files(bank: Bank) -> dict[str, str]:
    """The package's files by their names."""
    name = identifier(bank.problem_set)
    return {
        "imsmanifest.xml": _manifest(name),
        f"{name}/{name}.xml": _quiz(bank, name),
        f"{name}/assessment_meta.xml": _meta(bank, name),
    }


def _manifest(name: str) -> str:
    quiz, meta = f"{name}/{name}.xml", f"{name}/assessment_meta.xml"
    return (
        f'{HEAD}<manifest identifier="M-{name}" xmlns="{PACKAGING}"><metadata><schema>IMS Content</schema>'
        "<schemaversion>1.1.3</schemaversion></metadata><organizations/><resources>"
        f'<resource identifier="{name}" type="imsqti_xmlv1p2"><file href="{quiz}"/>'
        f'<dependency identifierref="D-{name}"/></resource><resource identifier="D-{name}" '
        f'type="associatedcontent/imscc_xmlv1p1/learning-application-resource" href="{meta}"><file href="{meta}"/>'
        "</resource></resources></manifest>\n"
    )


def _meta(bank: Bank, name: str) -> str:
    told = escape("".join(f"<p>{escape(note)}</p>" for note in (*bank.notes, LOST)))
    points = plain_number(round(sum(group.items[0].points for group in bank.groups), 5))
    return (
        f'{HEAD}<quiz identifier="{name}" xmlns="{CANVAS}"><title>{escape(bank.title)}</title>'
        f"<description>{told}</description><shuffle_answers>true</shuffle_answers><quiz_type>assignment</quiz_type>"
        f"<points_possible>{points}</points_possible><available>false</available></quiz>\n"
    )


def _quiz(bank: Bank, name: str) -> str:
    sections = "".join(section for group in bank.groups for section in _sections(bank, group))
    return (
        f'{HEAD}<questestinterop xmlns="{NAMESPACE}"><assessment ident="{name}" title={quoteattr(bank.title)}>'
        f'<section ident="root_section">{sections}</section></assessment></questestinterop>\n'
    )


def _sections(bank: Bank, group: Group) -> Iterator[str]:
    """A group of variants for each part."""
    rows = [_asked(item, group) for item in group.items]
    for number, parts in enumerate(zip(*rows, strict=True), 1):
        points = [item.points * (part.weight if part else 1.0) for item, part in zip(group.items, parts, strict=True)]
        items = "".join(
            _item(item, part, number, plain_number(round(worth, 5)))
            for item, part, worth in zip(group.items, parts, points, strict=True)
        )
        title = f"{group.name}{f', part {number} of {len(rows[0])}' * (len(rows[0]) > 1)}"
        yield (
            f'<section ident="{identifier(f"{bank.problem_set}.{group.name}.{number}")}" title={quoteattr(title)}>'
            "<selection_ordering><selection><selection_number>1</selection_number><selection_extension>"
            f"<points_per_item>{plain_number(round(points[0], 5))}</points_per_item></selection_extension></selection>"
            f"</selection_ordering>{items}</section>"
        )


def _asked(item: Item, group: Group) -> list[Part | None]:
    """The parts of a variant that are asked for: of a table as many cells as of each other variant's."""
    asked: list[Part | None] = []
    for name in dict.fromkeys(map(_answer, item.parts)):
        few = min(sum(_answer(part) == name for part in other.parts) for other in group.items)
        cells = [part for part in item.parts if _answer(part) == name]
        whole = sum(part.weight for part in cells)
        asked += [replace(part, weight=whole / few) for part in cells[:few]]
    return asked or [None]


def _answer(part: Part) -> str:
    """The answer that a part belongs to, which a table's cells share."""
    return part.name.partition("[")[0]


def _item(item: Item, part: Part | None, number: int, points: str) -> str:
    id = identifier(f"{item.id}.{number}")
    kind = "essay" if part is None else "numerical" if part.options is None else "multiple_choice"
    text = item.text if part is None else f"{item.text}\n<p>{part.label}:</p>"
    fields = _fields(
        ("question_type", f"{kind}_question"),
        ("points_possible", points),
        ("assessment_question_identifierref", f"{id}.ref"),
    )
    shown = f"<presentation>{_material(text)}{_response(id, part)}</presentation>"
    return f"<item ident={quoteattr(id)} title={quoteattr(item.title)}>{fields}{shown}{_marked(id, part)}</item>"


def _fields(*pairs: tuple[str, str]) -> str:
    told = "".join(
        f"<qtimetadatafield><fieldlabel>{label}</fieldlabel><fieldentry>{escape(entry)}</fieldentry></qtimetadatafield>"
        for label, entry in pairs
    )
    return f"<itemmetadata><qtimetadata>{told}</qtimetadata></itemmetadata>"


def _material(text: str) -> str:
    return f'<material><mattext texttype="text/html">{escape(text)}</mattext></material>'


def _response(id: str, part: Part | None) -> str:
    if part is None or part.options is None:
        kind = ' fibtype="Decimal"' if part else ""
        field = f'<render_fib{kind}><response_label ident="answer1"/></render_fib>'
        return f'<response_str ident="response1" rcardinality="Single">{field}</response_str>'
    labels = "".join(
        f'<response_label ident="{id}.{key}">{_material(text)}</response_label>' for key, text in part.options.items()
    )
    return (
        '<response_lid ident="response1" rcardinality="Single"><render_choice shuffle="Yes">'
        f"{labels}</render_choice></response_lid>"
    )


def _marked(id: str, part: Part | None) -> str:
    """How an answer is marked, and what is said to it."""
    told = list(_told(id, part))
    scored = "<conditionvar><other/></conditionvar>"
    if part and part.options is not None:
        scored = f'<conditionvar><varequal respident="response1">{id}.{part.right}</varequal></conditionvar>'
    elif part:
        scored = f"<conditionvar>{_near(part)}</conditionvar>"
    points = '<setvar action="Set" varname="SCORE">100</setvar>' if part else ""
    shows = "".join(
        f'<respcondition continue="Yes"><conditionvar>{when}</conditionvar>'
        f'<displayfeedback feedbacktype="Response" linkrefid="{name}"/></respcondition>'
        for name, when, _ in told
        if when
    )
    said = "".join(
        f'<itemfeedback ident="{name}"><flow_mat>{_material(words)}</flow_mat></itemfeedback>'
        for name, _, words in told
    )
    return (
        '<resprocessing><outcomes><decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/></outcomes>'
        f'{shows}<respcondition continue="No">{scored}{points}</respcondition></resprocessing>{said}'
    )


def _near(part: Part) -> str:
    assert isinstance(part.right, float)
    low, high = part.right - part.tolerance, part.right + part.tolerance
    return (
        f'<or><varequal respident="response1">{plain_number(part.right)}</varequal>'
        f'<and><vargte respident="response1">{plain_number(low)}</vargte>'
        f'<varlte respident="response1">{plain_number(high)}</varlte></and></or>'
    )


def _told(id: str, part: Part | None) -> Iterator[tuple[str, str, str]]:
    """What is said: its name, the answer to which it is said, and the words, as HTML."""
    if part is None:
        return
    if part.options is not None:
        for slip in part.slips:
            name = f"{id}.{slip.value}"
            yield f"{name}_fb", f'<varequal respident="response1">{name}</varequal>', f"<p>{hint(slip)}</p>"
    elif words := _nudges(part):
        yield "general_incorrect_fb", "<other/>", words


def _nudges(part: Part) -> str:
    """The first hint of every slip, for whoever has to find out which one it was."""
    nudges: Sequence[str] = list(dict.fromkeys(hint(slip).partition("<br>")[0] for slip in part.slips))
    told = "".join(f"<li>{nudge}</li>" for nudge in nudges)
    return f"<p>Usual slips, and what to ask yourself:</p><ul>{told}</ul>" if told else ""
