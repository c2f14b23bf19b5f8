"""Read a set's cells as its students will get them: what is given away, what is lost, what is asked for in vain."""

import ast
import builtins
import difflib
import keyword
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import cycle

from casestudy.classroom.sets import pictures
from casestudy.classroom.sets.copies import PRACTICE, student_copy
from casestudy.classroom.sets.question import ASIDE, Node, Question, role
from casestudy.classroom.sets.source import SOLUTION, ProblemSet, blank

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
OURS = {"code", "problem_set", "data", "check", "predict", "progress", "ready", "individual", "options", "declare"}
ANYWHERE = {*dir(builtins), "__name__", "__file__", "display", "get_ipython", "_", "In", "Out"}
KEPT = ("solution", "parameters")  # cells of which a copy has other lines than the source
BELONGS = {  # what a cell's metadata may hold, by what such a cell is for
    "answers": ("check",),
    "example": ("check",),
    "lesson": ("check",),
    "rubric": ("manual",),
    "question": ("mistake", "judge"),
    "answer": ("judge",),
    "credit": ("mistake",),
    "hint": ("mistake",),
}
CALLED = {
    "check": "a check: grade true and solution false in nbgrader's metadata",
    "manual": "a text for a person: grade and solution true in nbgrader's metadata",
    "mistake": "tagged mistake",
    "judge": "tagged judge",
}
ENDS, JOINED = ("BEGIN", "END", "START", "STOP", "ANFANG", "ENDE"), ("BEGINSOLUTION", "ENDSOLUTION")
SOLUTIONS, OTHERS = ("SOLUTION", "SOLUTIONS", "LÖSUNG", "LOESUNG"), {"HIDDEN", "MARK", "PROMPT", "TEST", "TESTS"}
TOLD = re.compile(
    r"^(?:<[^>]+>|[#>*_\s])*(?:(?:model|sample)[ -](?:solution|answer)|(?:muster)?lösung|solution)s?\b"
    r"(?:</\w+>|[*_ ])*(?::|$)",
    re.I | re.M,
)
NOTE = re.compile(r"<!--(?:(?!-->).)*\b(?:solution|answer|lösung|antwort)", re.I | re.S)
OUTSIDE = re.compile(
    r"(?:^|\.)(?:today|now|utcnow|getenv|getpid|getlogin|gethostname|uuid[14]|urandom|hash|id|input|urlopen)$"
)
Code = list[tuple[int, Node, ast.Module]]  # number of a cell, the cell, and what it is as Python


def faults(problem_set: ProblemSet) -> list[str]:
    """Every fault that can be read, as sentences that name the cell."""
    cells = [(number, cell) for number, cell in enumerate(problem_set.notebook.cells, 1) if role(cell) not in ASIDE]
    code = [(number, cell, tree) for number, cell in cells if (tree := _parsed(cell)) is not None]
    found = [*_declarations(problem_set)]
    for number, cell in enumerate(problem_set.notebook.cells, 1):
        found += [f"cell {number}{reason}" for reason in (*_misplaced(cell), *_markers(cell))]
        if cell.cell_type == "markdown" and role(cell) == "plain":
            found += [f"cell {number}: {reason}" for reason in pictures.lost(cell)]
    for number, cell, tree in code:
        reasons = (*_calls(problem_set, cell, tree), *_helpers(cell), *_outside(tree))
        found += [f"cell {number}{reason}" for reason in reasons]
    copied = zip([number for number, _ in cells], student_copy(problem_set, PRACTICE).cells, strict=True)
    copies = {number: _tree(cell.source) for number, cell in copied if cell.cell_type == "code"}
    return [*found, *_reused(problem_set, code), *_withheld(copies), *_gifts(problem_set, code)]


def _parsed(cell: Node) -> ast.Module | None:
    """A code cell as Python; what is none fails when it is run, and is told then."""
    try:
        return ast.parse(cell.source) if cell.cell_type == "code" else None
    except (SyntaxError, ValueError):
        return None


def _misplaced(cell: Node) -> Iterator[str]:
    """Cells of a kind that hands them out, and declarations that nobody would read."""
    kind = role(cell)
    if cell.cell_type == "raw":
        yield " is raw: it would reach the students as it is"
    if kind == "parameters" and (more := _at_margin(_tree(cell.source)) - {"problem_set", "code"}):
        yield f" makes {', '.join(sorted(more))}: a copy's parameters are problem_set and code alone"
    if kind == "solution" and cell.cell_type != "code":
        yield " is a solution in Markdown, which nothing strips: grade it as a text for a person, or make it code"
    if kind == "manual" and cell.cell_type != "markdown":
        yield " is graded by a person, and must be Markdown: a text is written there, and not run"
    if (
        kind == "plain"
        and cell.cell_type == "markdown"
        and (told := TOLD.search(cell.source) or NOTE.search(cell.source))
    ):
        words = " ".join(told[0].split())
        yield f" tells a solution ({words!r}), which would reach the students: grade it as a text for a person"
    for key in sorted(BELONGS.keys() & (cell.metadata.get("casestudy") or {}).keys()):
        if kind not in BELONGS[key]:
            allowed = " or ".join(CALLED[one] for one in BELONGS[key])
            yield f" holds casestudy.{key} in its metadata, and must be {allowed}"


def _markers(cell: Node) -> Iterator[str]:
    """Marks around a solution that do not hold it."""
    kind, marks = role(cell), []
    if kind in (*ASIDE, "manual", "explain"):  # nothing of it is handed out
        return
    for line in cell.source.splitlines():
        if line.strip() in (BEGIN, END):
            marks.append(line.strip())
        elif _nearly_a_mark(line, cell.cell_type):
            yield f": {line.strip()!r} hides nothing: the lines around a solution are {BEGIN} and {END}"
    if marks and kind != "solution":
        yield " holds a solution and is not marked as one: it would reach the students"
    if marks and (len(marks) % 2 or any(mark != due for mark, due in zip(marks, cycle((BEGIN, END)), strict=False))):
        yield f": each {BEGIN} needs its {END}, and none stands within another: got {', '.join(marks)}"
    tree = _parsed(cell)
    if kind == "solution" and not marks and tree is not None and tree.body and not _has_blank(tree):
        yield f" is a solution without the lines {BEGIN} and {END}: all of it would reach the students"


def _nearly_a_mark(line: str, cell_type: str) -> bool:
    """Whether a comment is meant to hide a solution, here or in another tool."""
    comment = re.search(r"#+(.*)" if cell_type == "code" else r"^[ \t]*(?:#+|<!--)(.*)", line)
    words = re.findall(r"[^\W\d_]+", comment[1]) if comment else []
    if not 0 < len(words) <= 4:
        return False
    upper = [word.upper() for word in words]
    if words[0] == "SOLUTION" or _near(upper[0], JOINED):
        return True
    of_another_tool = words == upper and not OTHERS.isdisjoint(words)
    return any(_near(word, ENDS) for word in upper) and (
        of_another_tool or any(_near(word, SOLUTIONS) for word in upper)
    )


def _near(word: str, known: Iterable[str]) -> bool:
    return bool(difflib.get_close_matches(word, list(known), 1, 0.8))


def _has_blank(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Constant) and node.value is Ellipsis for node in ast.walk(tree))


def _calls(problem_set: ProblemSet, cell: Node, tree: ast.Module) -> Iterator[str]:
    """Checks and predictions that ask for something else than what is declared."""
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    calls = [(node.func.id, node) for node in named if isinstance(node.func, ast.Name)]
    checks = [node for name, node in calls if name == "check"]
    if role(cell) == "check":
        id = cell.metadata["nbgrader"]["grade_id"]
        question = next(question for question in problem_set.questions if question.id == id)
        if len(checks) != 1 or not _asks_for(question, checks[0]):
            yield f" must check what it declares, with {_wanted(question)}: got {_said(checks) or 'no check'}"
        checks = []
    asked = [question for question in problem_set.questions if question.answers]
    for node in checks:
        if not any(_asks_for(question, node) for question in asked):
            yield f" checks what no question asks for: {_said([node])}"
    known = {answer.name for question in asked for answer in question.answers}
    for node in (node for name, node in calls if name == "predict"):
        asked_for = {word.arg for word in node.keywords} - {"give_or_take"}
        if node.args or not asked_for or asked_for - known:
            yield f" predicts what no question asks for: {_said([node])}"


def _asks_for(question: Question, node: ast.Call) -> bool:
    """Whether a check hands over each answer of the question under its own name, and nothing else."""
    given = {word.arg: word.value for word in node.keywords}
    same = all(isinstance(value, ast.Name) and value.id == name for name, value in given.items())
    return not node.args and same and given.keys() == {answer.name for answer in question.answers}


def _wanted(question: Question) -> str:
    return f"check({', '.join(f'{answer.name}={answer.name}' for answer in question.answers)})"


def _said(nodes: list[ast.Call]) -> str:
    return " and ".join(ast.unparse(node)[:80] for node in nodes)


def _outside(tree: ast.Module) -> Iterator[str]:
    """Calls that give something else on another day or another machine."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and OUTSIDE.search(said := ast.unparse(node.func)):
            yield f" calls {said}(), which does not follow from the code: draw the figures from individual(...)"


def _declarations(problem_set: ProblemSet) -> list[str]:
    """Answers under names that mean something else to Python, this package or the student; choices that are none."""
    taken, found = {*dir(builtins), *keyword.kwlist, *OURS}, []
    for question in problem_set.questions:
        for answer in question.answers:
            if not answer.name.isidentifier() or answer.name in taken:
                found.append(
                    f"{question.id}: an answer needs a Python name that means nothing else: got {answer.name!r}"
                )
            if len(answer.choices) == 1 or len(set(answer.choices)) < len(answer.choices):
                found.append(f"{question.id}: {answer.name} needs two choices or more, each once: got {answer.choices}")
    return found


def _bound(tree: ast.AST) -> set[str]:
    """The names that code makes, in whichever way."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
    return found


def _used(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _tree(text: str) -> ast.Module:
    """Part of a cell as Python; what is none by itself has no names."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _hidden(cell: Node) -> ast.Module:
    """What stands between a cell's marks."""
    return _tree("\n".join(match[1] for match in SOLUTION.finditer(cell.source)))


def _open(cell: Node) -> list[str]:
    """The names that a student finds open, as `name = ...`, in a solution cell."""
    lines = [node for node in _tree(blank(cell.source)).body if isinstance(node, ast.Assign) and _has_blank(node.value)]
    return [target.id for line in lines for target in line.targets if isinstance(target, ast.Name)]


def _helpers(cell: Node) -> Iterator[str]:
    """What a solution uses and its own cell hands out."""
    if role(cell) == "solution":
        for name in sorted(_bound(_tree(SOLUTION.sub("", cell.source))) & _used(_hidden(cell))):
            yield (
                f": the solution uses `{name}`, which stands outside its lines and would reach the students: "
                "move it between them, or, as a gift, into a cell of its own"
            )


def _reused(problem_set: ProblemSet, code: Code) -> list[str]:
    """Names that a copy has open, though it gives them or has asked for them elsewhere."""
    given: dict[str, int] = {}
    for number, cell, tree in code:
        if role(cell) in ("plain", "data"):
            given |= {name: number for name in _at_margin(tree) if name not in given}
    opened = [(number, name) for number, cell, _ in code if role(cell) == "solution" for name in _open(cell)]
    found = [
        f"cell {number}: a copy has `{name} = ...` here, which cell {given[name]} gives: take another name"
        for number, name in sorted(opened)
        if name in given
    ]
    times = Counter(name for _, name in opened)
    for question in problem_set.questions:
        for answer in question.answers:
            if times[answer.name] > 1:
                where = ", ".join(str(number) for number, name in sorted(opened) if name == answer.name)
                found.append(f"{question.id}: `{answer.name}` is left open in several cells ({where}): only one may")
            elif not times[answer.name]:
                found.append(
                    f"{question.id}: a copy would not have `{answer.name} = ...`: a solution assigns each answer on a "
                    "line of its own, at the margin"
                )
    return found


def _at_margin(tree: ast.Module) -> set[str]:
    """The names that a cell leaves behind; those of a function's inside are not."""
    inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return set().union(*({node.name} if isinstance(node, inner) else _bound(node) for node in tree.body))


def _withheld(copies: dict[int, ast.Module]) -> list[str]:
    """Names that a copy uses and nothing in it makes: a solution, or another cell that is not handed out, does."""
    if any(isinstance(node, ast.alias) and node.name == "*" for tree in copies.values() for node in ast.walk(tree)):
        return []
    known = set(ANYWHERE).union(*(_bound(tree) for tree in copies.values()))
    return [
        f"cell {number} uses `{name}`, which nothing in a copy makes: a helper that it needs stands outside solutions"
        for number, tree in copies.items()
        for name in sorted(_used(tree) - known)
    ]


def _gifts(problem_set: ProblemSet, code: Code) -> list[str]:
    """What students get, only solutions use, and no text mentions: parts of a solution that stand outside it."""
    texts = " ".join(cell.source for cell in problem_set.notebook.cells if cell.cell_type == "markdown")
    handed = [(number, node) for number, cell, tree in code if role(cell) not in KEPT for node in tree.body]
    given = {number for number, cell, _ in code if role(cell) == "data"}  # its numbers are there to be used
    hidden = set[str]().union(*(_used(_hidden(cell)) for _, cell, _ in code))
    found = []
    for number, node in handed:
        elsewhere = set[str]().union(*(_used(other) for _, other in handed if other is not node))
        for name in sorted(_made(node, number in given) & hidden - elsewhere):
            if not re.search(rf"`{name}\b", texts):
                found.append(
                    f"cell {number}: only solutions use `{name}`, and it would reach the students: move it into a "
                    "solution, or name it in the text if they are to use it"
                )
    return found


def _made(node: ast.stmt, functions_only: bool) -> set[str]:
    """The names that one statement gives, imports aside."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return _bound(node) if isinstance(node, ast.Assign | ast.AnnAssign) and not functions_only else set()
