"""Plain pages: a short bold answer, short sentences, one term a thing, and a guess before each look."""

import re
from statistics import median

import nbformat
import pytest

from casestudy.case import open_case

ROOT = open_case().notebooks.parent
NOTEBOOKS = sorted(open_case().notebooks.glob("*.ipynb"))
LONGEST, MEDIAN, ANSWER, TITLE = 32, 16, 25, 14  # words; the median lies below
ENDS = re.compile(r"[.?!:;]['\"”’*_)]*\s+(?=[^a-z\s])|:\n+|\n\s*\n")
ITEMS = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+", re.M)
WITHOUT = re.compile(r"```.*?```|<!--.*?-->|^\s*\|[^\n]*$|^#[^\n]*$", re.S | re.M)
NAMED = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`]+`", re.S)  # a formula or a name counts as one word
CLAIM = re.compile(r"\s*\[claim: \w+\]")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
TAG = re.compile(r"<[^>]+>")
PROMPT = re.compile(r"\b(?:guess|before you (?:run|look|open)|what do you expect)\b", re.I)
PLAIN = {  # what is not said: what is said in its place
    r"\bnought\b": "zero",
    r"\bsave (?:for|in|once|where)\b": "except",
    r"\bwith the document'?s (?:own )?figures?\b": "the number itself, or 'with the articles' numbers'",
    r"\bdocuments?\b": "article",
    r"\bprinted figures?\b": "printed number",
    r"\bthe platform\b": "the company",
    r"\b(?:believe|trust) the outputs\b": "a sentence that says which numbers follow the parameters",
    r"(?:^|[.?!] )(?:So many|Of these|Nor|Neither|Not to be)\b": "subject, verb, object",
    r"\bit is as \w+ \w+\b": "say what there is",
    r"\bgrants? it all the same\b": "allows it too",
    r"\bstands? or falls?\b": "depends on",
}


def words(sentence):
    return re.findall(r"\w[\w'’.,%-]*", sentence)


def sentences(markdown):
    """The sentences of running text; not headings, tables, code or formulas."""
    text = LINK.sub(r"\1", CLAIM.sub("", WITHOUT.sub("\n\n", markdown)))
    text = ITEMS.sub("\n\n", TAG.sub("", NAMED.sub("X", text)))
    return [sentence for sentence in ENDS.split(text) if sentence and len(words(sentence)) > 1]


def prose(path):
    if path.suffix == ".md":
        return [path.read_text(encoding="utf-8")]
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown"]


PAGES = [*NOTEBOOKS, ROOT / "README.md", ROOT / "exercises" / "README.md"]
every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@every_page
def test_sentences_are_short(path):
    found = [sentence for source in prose(path) for sentence in sentences(source)]
    assert [" ".join(sentence.split()) for sentence in found if len(words(sentence)) > LONGEST] == []
    assert median(len(words(sentence)) for sentence in found) < MEDIAN


@every_page
def test_words_are_common_and_each_thing_has_one(path):
    text = CLAIM.sub("", "\n\n".join(WITHOUT.sub("", NAMED.sub("X", source)) for source in prose(path)))
    met = {" ".join(found[0].split()): better for said, better in PLAIN.items() for found in re.finditer(said, text)}
    assert met == {}


@every_notebook
def test_the_title_is_a_question_and_the_opening_one_bold_answer(path):
    title, answer, *_ = [part for part in prose(path)[0].split("\n\n") if part.strip()]
    assert title.startswith("# ") and title.endswith("?") and len(words(title)) <= TITLE
    bold = re.fullmatch(r"\*\*([^*]+[.?!])\*\*", CLAIM.sub("", answer).strip())
    assert bold and len(words(bold[1])) <= ANSWER


@every_notebook
def test_what_is_to_be_guessed_is_hidden_until_asked_for(path):
    cells = nbformat.read(path, 4).cells
    for number, cell in enumerate(cells):
        if cell.cell_type == "markdown" and number and PROMPT.search(cell.source):
            shown = next((one for one in cells[number + 1 :] if one.cell_type == "code"), None)
            assert shown is None or "reveal" in shown.metadata.get("tags", []), cell.source
    hidden = [cell for cell in cells if "reveal" in cell.metadata.get("tags", [])]
    assert hidden and all(cell.metadata.get("jupyter") == {"outputs_hidden": True} and cell.outputs for cell in hidden)


def test_sentences_are_counted_as_read():
    text = (
        "# A title\n\nOne two [claim: a_b]. **Three** four $x + y$? See [five](six.md).\n\n- eight nine\n- ten eleven"
    )
    assert [len(words(one)) for one in sentences(text)] == [2, 3, 2, 2, 2]
