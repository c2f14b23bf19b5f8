"""Reports on paper: what a page holds for screens is gone, and a PDF holds the rest, tagged and in words."""

import io
import re
import sys
from datetime import UTC, datetime

import pytest

from casestudy.case import open_case
from casestudy.refusals import Refusal
from casestudy.reports.pdf import beside, paper, typeset
from casestudy.reports.sets import parameters
from casestudy.reports.sets.outcome import Outcome, ParameterSet

DAY = datetime(2026, 1, 2, tzinfo=UTC)
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
TABLE = "<table><thead><tr><th></th><th>heads</th><th>word</th></tr></thead><tbody>{}</tbody></table>"
PAGE = f"""<nav>back</nav><main><h1>How many?</h1>
<div class="celltag_variant"><p>These numbers are no longer the article's.</p></div>
<p>Of them 97 <abbr class="claim" title="a note">004 p10</abbr>, of which $5 and
<span class="formula"><math display="inline"><mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac></math></span>.</p>
<h2>Then · <em class="layer implied">Implied</em></h2>
<details class="code"><summary>Code</summary><pre>secret = 1</pre></details>
<details class="reveal"><summary>Show it</summary><p>21,000 to 32,000 heads</p></details>
<details><summary>More</summary><p>the rest</p></details><button>Guess</button>
<img src="data:image/png;base64,{DOT}" alt='A "dot" # 1'>
{TABLE.format("<tr><th>all</th><td>1,200 to 1,300</td><td>agrees</td></tr>")}</main><footer>foot</footer>"""


@pytest.fixture
def fit(tmp_path):
    return lambda page: paper.fit(page, tmp_path)


def test_paper_holds_what_is_folded_and_nothing_that_a_screen_is_needed_for(fit):
    text = fit(PAGE).get_text(" ")
    assert "21,000 to 32,000 heads" in text and "the rest" in text and "[004 p10]" in text
    assert not re.search("back|secret|Code|Show it|Guess|foot|a note", text)


def test_numbers_stand_at_the_right_and_words_at_the_left(fit):
    sides = [cell["style"].split()[-1] for cell in fit(PAGE).find_all(["th", "td"])]
    assert sides == ["left", "right", "left"] * 2


def test_a_wide_table_gives_no_column_less_than_its_longest_word(fit):
    rows = f"<tr><th>a</th><td>uninterruptedly</td><td>{'many short words ' * 20}</td></tr>"
    widths = [float(re.search(r"[\d.]+", col["style"])[0]) for col in fit(TABLE.format(rows)).find_all("col")]
    assert 15 <= widths[1] < widths[2] and sum(widths) == pytest.approx(100, abs=0.2)


def test_without_pandoc_or_typst_nothing_is_run_and_one_line_says_what_to_install(monkeypatch, typed, tmp_path):
    monkeypatch.setattr(typeset, "NEEDED", ("casestudy", "no_such_typesetter"))
    status, _, complaint = typed("run", "02", "--out", str(tmp_path / "out"), "--pdf")
    assert status == 2 and "no_such_typesetter cannot be imported" in complaint and "casestudy[pdf]" in complaint
    assert not (tmp_path / "out").exists()


def test_a_pdf_that_fails_leaves_its_page_and_the_others(monkeypatch, tmp_path):
    def typeset_all_but_one(page, front, moment):
        if page == "first":
            raise RuntimeError("no such\nfont")
        return b"%PDF"

    monkeypatch.setattr(beside, "typeset", typeset_all_but_one)
    books = parameters.select(["02", "03"], open_case())
    outcomes = [Outcome(ParameterSet(book, book.defaults())) for book in books]
    for book, text in zip(books, ("first", "second"), strict=True):
        (tmp_path / f"{book.stem}.html").write_text(text)
    told = dict(beside.beside(outcomes, tmp_path, open_case()))
    assert list(told.values()) == ["no such font", ""]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "02-satisfaction.html",
        "03-agents-avoided.html",
        "03-agents-avoided.pdf",
    ]


def test_a_run_takes_away_the_pdf_of_an_earlier_one(copied_case, light, tmp_path):
    from casestudy.reports.run import run

    light(copied_case, "01-one", "heads = 1", "heads")
    (old := tmp_path / "out" / "01-one.pdf").parent.mkdir()
    old.write_bytes(b"%PDF of another run")
    run(parameters.select([], copied_case), {}, tmp_path / "out", case=copied_case)
    assert not old.exists()


def test_a_pdf_carries_the_day_that_a_build_asks_for(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert beside.made() == datetime(1970, 1, 2, tzinfo=UTC)


def test_a_changed_run_says_so_at_the_top_of_each_page():
    [book] = parameters.select(["02"], open_case())
    changed = Outcome(ParameterSet(book, book.defaults() | {"csat_after": 8.5}))
    assert beside.front(changed, open_case(), DAY).changed == "csat_after = 8.5"


# With pandoc and typst: make test-slow sets them up


def read(pdf: bytes):
    from pypdf import PdfReader

    return PdfReader(io.BytesIO(pdf))


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(pdf).pages)


def tags(pdf: bytes) -> list[tuple[str, str]]:
    """Every element of a PDF's structure with its alternative text."""
    found, waiting = [], [read(pdf).trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            found += [(node["/S"], node.get("/Alt", ""))] if "/S" in node else []
            waiting += [node["/K"]] if "/K" in node else []
    return found


@pytest.mark.slow
def test_a_pdf_holds_title_headings_numbers_and_words_for_pictures_and_formulas():
    pdf = typeset.typeset(PAGE, typeset.Front(lines=("a line",), running="03"), DAY)
    assert read(pdf).metadata.title == "How many?" and read(pdf).trailer["/Root"]["/Lang"] == "en"
    assert {"/Title", "/H1", "/Table", "/TOC", "/Figure", "/Formula"} <= {kind for kind, _ in tags(pdf)}
    assert [alt for kind, alt in tags(pdf) if kind == "/Figure"] == ['A "dot" # 1']
    assert "21,000 to 32,000 heads" in text(pdf) and "1,200" in text(pdf) and "1 / 1" in text(pdf)
    assert pdf == typeset.typeset(PAGE, typeset.Front(lines=("a line",), running="03"), DAY)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["02-satisfaction", "05-five-purposes", "09-the-audit"])
def test_a_report_on_paper_is_tagged_and_shows_no_markup(reports, name):
    page = (reports / f"{name}.html").read_text(encoding="utf-8")
    pdf = typeset.typeset(page, typeset.Front(running=name), DAY)
    told, kinds = text(pdf), tags(pdf)
    assert not re.search(r"\$\S[^$\n]*\$|\[claim:|\bNaN\b|\\frac|<[a-z]+>", told)
    assert all(len(alt) >= 40 for kind, alt in kinds if kind == "/Figure")
    assert sum(kind == "/Figure" for kind, _ in kinds) == len(set(re.findall(r'<img [^>]*src="([^"]+)', page)))
    headings = re.findall("<h2[^>]*>(.*?)</h2>", page, re.S)
    assert sum(kind == "/H1" for kind, _ in kinds) >= len(headings) > 5


@pytest.mark.slow
def test_run_guide_and_sheets_write_pdfs_beside_their_pages(typed, tmp_path):
    (tmp_path / "roster.csv").write_text("student_id,name\na1,Ada\n")
    (tmp_path / "secret").write_text("0123456789abcdef0123456789abcdef")
    (tmp_path / "secret").chmod(0o600)
    roster = ["--roster", str(tmp_path / "roster.csv")]
    words = [*roster, "--secret-file", str(tmp_path / "secret"), "--term", "t-2026"]
    typed("exercises", "release", "03", *words, "--out", str(tmp_path / "release"))
    out = [*roster, "--out", str(tmp_path / "sheets"), "--pdf"]
    assert typed("exercises", "sheets", "03", "--release", str(tmp_path / "release"), *out)[0] == 0
    assert typed("exercises", "guide", "03", "--out", str(tmp_path / "guide.html"), "--pdf")[0] == 0
    ran = typed("run", "08", "--set", "jobs_found=1400000", "--out", str(tmp_path / "run"), "--pdf")
    assert ran[0] == 0, ran
    assert "Name: Ada" in text((tmp_path / "sheets" / "a1.pdf").read_bytes())
    assert "Usual slips" in text((tmp_path / "guide.pdf").read_bytes())
    assert "Changed: jobs_found" in text((tmp_path / "run" / "08-purpose-and-impact.pdf").read_bytes())
    if sys.platform != "win32":
        assert (tmp_path / "guide.pdf").stat().st_mode & 0o077 == 0


def test_a_guide_in_html_only_is_asked_for_by_its_own_name(typed, tmp_path):
    status, _, complaint = typed("exercises", "guide", "03", "--out", str(tmp_path / "guide.pdf"), "--pdf")
    assert status == 2 and ("name it .html" in complaint or "casestudy[pdf]" in complaint)


def test_the_refusal_names_every_package_that_is_missing(monkeypatch):
    monkeypatch.setattr(typeset, "NEEDED", ("no_pandoc", "no_typst"))
    with pytest.raises(Refusal, match="no_pandoc and no_typst"):
        typeset.required()
