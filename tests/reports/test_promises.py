"""Pages keep their promises: they ask nobody for anything, lose no picture, show no empty output, and read TeX."""

import base64
import os
import re
from html import unescape
from unittest import mock

import nbformat
import pytest

from casestudy.reports.executors import worker
from casestudy.reports.pages import document, fragment, frame, markdown, outputs, pictures, tex
from casestudy.reports.pages.promises import promises
from casestudy.reports.run import run
from casestudy.reports.sets import parameters
from casestudy.reports.sets.outcome import ParameterSet, Shelf

M, C, RAW = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell, nbformat.v4.new_raw_cell
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DATA = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
GIF = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'
ELSEWHERE = "http://127.0.0.1:9/x.png"  # where nobody answers


def page(*cells, folder=None, written=None, **metadata):
    """A page of these cells, which are not run."""
    book = nbformat.v4.new_notebook(cells=[M("# How many?\n\nSome."), *cells], metadata=metadata)
    return document.document(book, "How many?", {}, pictures=pictures.Pictures(folder=folder, written=written or {}))


def out(data, **more):
    return C("show(it)", outputs=[nbformat.v4.new_output("display_data", data=data, **more)])


def read(html):
    """What a reader reads of HTML: the words of its body, formulas within brackets."""
    html = re.sub(
        r"<(style|head|footer|summary|script)\b.*?</\1>|<div class=\"input\".*?</details>", "", html, flags=re.S
    )
    html = re.sub(r"<math.*?</math>", lambda m: f"⟦{re.sub('<[^>]*>', '', m[0])}⟧", html, flags=re.S)
    return " ".join(unescape(re.sub("<[^>]*>", " ", html)).split())


def told(html):
    html = re.sub('<section class="files">.*?</section>|<span class="number">.*?</span>', "", html, flags=re.S)
    return read(html.partition('<main id="text">')[2].partition("</main>")[0]).removeprefix("How many? Some.").strip()


# What a notebook brings along, run for real


SHOW = "from IPython.display import *\n"
RUN = {
    "01-pasted": [M("![shot](attachment:shot.png)", attachments={"shot.png": {"image/png": DATA.partition(",")[2]}})],
    "02-money": [M("It costs $10-$12 a month, ($3.5m) against ($4m), US$20–US$30.")],
    "03-tex": [
        M("The mean $ \\mu $ is\n\n\\begin{align}\na &= b_1\n\\end{align}\n\nand \\(x_1\\)."),
        C(SHOW + "Math(r'\\mu = x_1')"),
    ],
    "04-beside": [M("![local](pic.png) and ![away](away.png)")],
    "05-script": [C(SHOW + "HTML('<div id=p></div><script src=\"https://cdn.example.org/p.js\"></script>')")],
    "06-plotly": [C("display({'application/vnd.plotly.v1+json': {'data': [{'type': 'bar'}]}}, raw=True)")],
    "07-widget": [
        C(
            "display({'application/vnd.jupyter.widget-view+json': {'model_id': 'a', 'version_major': 2},\n"
            "         'text/plain': 'IntSlider(value=3)'}, raw=True)"
        )
    ],
    "08-frame": [
        C(SHOW + "IFrame('https://example.org/map', 400, 300)"),
        C(SHOW + "Video('https://example.org/film.mp4')"),
    ],
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory, copy_of):
    """Notebooks whose pages lost something, were empty, or asked the network."""
    case = copy_of(tmp_path_factory.mktemp("case") / "case")
    (case.notebooks / "pic.png").write_bytes(PNG)
    for stem, cells in RUN.items():
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        title = M("# Is $\\mu$ more than $5?\n\nSee ![it](pic.png) and $x_1$.")
        book = nbformat.v4.new_notebook(cells=[title, *cells], metadata={"kernelspec": kernel})
        nbformat.write(book, case.notebooks / f"{stem}.ipynb")
    found = tmp_path_factory.mktemp("out")
    outcomes = run(parameters.select([], case), {}, found, case=case)
    assert [outcome.error for outcome in outcomes] == [""] * len(RUN)
    return {path.stem: path.read_text(encoding="utf-8") for path in found.glob("*.html")}


@pytest.mark.parametrize(
    ("stem", "shown"),
    [
        ("01-pasted", ""),
        ("02-money", "It costs $10-$12 a month, ($3.5m) against ($4m), US$20–US$30."),
        ("03-tex", "The mean ⟦μ⟧ is ⟦a=b1⟧ and ⟦x1⟧ . ⟦μ=x1⟧"),
        ("04-beside", "and [The picture “away” is missing: there is no file 'away.png' beside the notebook.]"),
        ("05-script", "What a script draws or does is missing here: a page holds only text and pictures. Display a"),
        ("06-plotly", 'A plotly figure is missing here: a page holds only text and pictures. fig.show("png") leaves'),
        (
            "07-widget",
            "A widget is missing here: a page holds only text and pictures. Print or display its value, too.",
        ),
        ("08-frame", "[What https://example.org/map shows is missing: a page fetches nothing. Show a picture of it.]"),
    ],
)
def test_what_was_lost_stands_there_or_is_said_to_be_missing(ran, stem, shown):
    assert told(ran[stem]).removeprefix("Is ⟦μ⟧ more than $5? See and ⟦x1⟧ .").strip().startswith(shown)
    assert ran[stem].count(DATA) == (2 if stem in ("01-pasted", "04-beside") else 1)
    assert promises(ran[stem]) == []


def test_the_front_page_shows_titles_and_answers_as_their_pages_do(ran):
    assert read(ran["index"]).count("Is ⟦μ⟧ more than $5? See and ⟦x1⟧ .") == ran["index"].count(DATA) == len(RUN)
    assert promises(ran["index"]) == []


def test_all_pages_of_the_case_keep_their_promises(reports):
    files = {path.relative_to(reports).as_posix() for path in reports.rglob("*")}
    pages = list(reports.glob("*.html"))
    assert [promises(path.read_text(encoding="utf-8"), files) for path in pages] == [[]] * 12


def test_a_page_that_breaks_a_promise_fails_its_set(copied_case, monkeypatch):
    nbformat.write(nbformat.v4.new_notebook(cells=[M("# How many?\n\nSome.")]), copied_case.notebooks / "01-a.ipynb")
    (book,) = parameters.select([], copied_case)
    asked = ParameterSet(book, {})
    html = f'<img src="{ELSEWHERE}">'
    monkeypatch.setattr(worker, "_run_cells", lambda asked, *_: (nbformat.read(asked.notebook.path, 4), ""))
    monkeypatch.setattr(document, "document", lambda *given: html)
    with mock.patch.dict(os.environ):  # a worker's are its own
        outcome, files = worker.execute(asked, str(copied_case.root), Shelf())
    assert outcome.error == f"ran, but its page asks the network for {ELSEWHERE}"
    assert list(files) == ["01-a.ipynb"]


# The check


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<script>1</script>", "holds a script"),
        ("<iframe></iframe>", "holds an iframe"),
        ("<p onclick='f()'>", "holds a script in onclick"),
        ("<a href='java\tscript:f()'>x</a>", "holds a script in a link"),
        (f"<img src={ELSEWHERE}>", f"asks the network for {ELSEWHERE}"),
        ("<img src='//x.org/a.png'>", "asks the network for //x.org/a.png"),
        ("<img src='a b.png'>", "asks a file for ab.png"),
        ("<img src='attachment:a.png'>", "asks the network for attachment:a.png"),
        (f"<link rel=stylesheet href={ELSEWHERE}>", f"asks the network for {ELSEWHERE}"),
        (f"<svg><use xlink:href='{ELSEWHERE}#a'/></svg>", f"asks the network for {ELSEWHERE}#a"),
        (f"<video poster={ELSEWHERE}></video>", f"asks the network for {ELSEWHERE}"),
        (f"<style>p {{ background: url({ELSEWHERE}) }}</style>", "asks for what a style names elsewhere"),
        ("<style>@import 'a.css';</style>", "asks for what a style names elsewhere"),
        ("<p style='background: url(a.png)'>", "asks for what a style names elsewhere"),
        ("<meta http-equiv=refresh content='0'>", "leads elsewhere by itself"),
        ("<img alt='a'>", "has lost a picture"),
        ("<img src='data:image/png;base64,AAAA'>", "has lost a picture"),
        ("<div class='output_area'><div> <p></p></div></div>", "has an output that shows nothing"),
    ],
)
def test_the_check_sees(html, said):
    assert promises(f"<main>{html}</main>") == [said]


def test_one_script_may_stand_on_a_page_ours_at_its_end_and_to_the_letter():
    ours, end = frame.script(), "<!doctype html><html><body><main><p>5</p></main>{}</body></html>"
    assert promises(end.format(f"<script>{ours}</script>")) == []
    for other in (f"<script>{ours} </script>", f"<script async>{ours}</script>", "<script></script>", "<script>1"):
        assert promises(end.format(other)) == ["holds a script"]
    assert promises(f"<html><body><main><script>{ours}</script></main></body></html>") == ["holds a script"]


def test_the_check_lets_pass_what_waits_for_a_reader_or_lies_in_the_page():
    assert promises(f"<a href='http://x.org'>x</a><img src='{DATA}'><svg><use href='#a'/></svg>") == []
    assert promises("<div class='output_area'><img src='figures/a.png'></div>", {"figures/a.png"}) == []
    assert promises("<div class='output_area'><pre>0</pre></div><link rel=icon href='data:,'>") == []


HOSTILE = [
    "<script src={}></script>", "<img src={}>", "<img srcset='{} 1x'>",
    "<picture><source srcset={}><img src=x></picture>", "<iframe src={}></iframe>",
    "<iframe srcdoc='<img src={}>'></iframe>", "<link rel=stylesheet href={}>", "<style>@import '{}';</style>",
    "<style>p{{background:url({})}}</style><p>x", "<style>p{{background:\\75 rl({})}}</style>",
    "<style>@font-face{{font-family:q;src:url({})}} p{{font-family:q}}</style><p>x",
    "<p style='background:u\\rl({})'>x", "<style>p{{background:image-set('{}' 1x)}}</style><p>x",
    "<style>@charset 'x';@import/**/\"{}\";</style>", "<style><!--@import '{}';--></style>",
    "<svg><style><![CDATA[@import '{}';]]></style></svg>", "<p style='a:url({}'>x", "<video src={} autoplay></video>",
    "<video poster={}></video>", "<audio autoplay><source src={}></audio>", "<object data={}></object>",
    "<embed src={}>", "<input type=image src={}>", "<table background={}><tr><td>x</table>", "<body background={}>",
    "<svg><image href={} width=9 height=9 /></svg>", "<svg><use xlink:href='{}#a'/></svg>",
    "<svg><filter id=f><feImage href='{}'/></filter><rect width=9 height=9 filter='url(#f)'/></svg>",
    "<svg><rect width=9 height=9 fill='url({}#a)'/></svg>", "<svg><style><img src={}></style></svg>",
    "<svg><style>/*</style><img src={}>*/</style></svg>", "<svg></p><style><a id='</style><img src={}>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src={}>'>", "<!--><img src={}>-->",
    "<form><math><mtext></form><form><mglyph><style></math><img src={}>",
    "<noscript><p title='</noscript><img src={}>'>", "<![CDATA[<img src={}>]]>", "<?x <img src={}>?>",
    "<textarea><img src={}></textarea>", "<title><img src={}></title>", "<xmp><img src={}></xmp>",
    "<plaintext><img src={}>", "<select><template><style></template></select><img src={}>",
    "<meta http-equiv=refresh content='0;url={}'>", "<base href={}><img src=a.png>",
    "<img src=x onerror=\"fetch('{}')\">", "<svg onload=\"fetch('{}')\">",
    "<svg><set attributeName=href to={} /></svg>", "<details open ontoggle=\"fetch('{}')\">",
    "<svg><script>fetch('{}')</script></svg>", "<svg><foreignObject><img src={}></foreignObject></svg>",
    "<img src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"{}\"/></svg>'>",
    "<IMG/SRC={}>", "<script type=module>import '{}'</script>", "<frameset><frame src={}></frameset>",
    "</style><img src={}>", "</div></div></main><img src={}>",
    "<style>p{{mask:url({}#m);filter:url({}#f)}}</style><p>x", "<image src={}>",
]  # fmt: skip


def hostile():
    """Each as an output, as Markdown of its own and within a line, and raw: as one notebook brings it along."""
    for given in HOSTILE:
        html = given.replace("{{", "{").replace("}}", "}").replace("{}", ELSEWHERE)
        yield out({"text/html": html, "text/plain": "<IPython.core.display.HTML object>"})
        yield from (M(html), M(f"a {html}"), RAW(html), out({"text/markdown": html}))


def test_whatever_a_notebook_brings_the_page_keeps_its_promises_and_goes_on_to_its_end():
    html = page(*hostile(), M("This is the last."))
    assert promises(html) == []
    assert html.count("<main ") == html.count("</main>") == html.count("<footer>") == 1
    assert told(html).endswith("This is the last.")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_sees_it_so_too(browser, tmp_path, width):
    wide = [out({"text/html": SVG.replace("<svg", "<svg width='800' height='99'")}), M(f"$${'x + ' * 60}y$$")]
    wide += [
        M("![a](" + "gone/" * 60 + "a.png)"),
        out({"text/html": f"<iframe src=http://x.org/{'x' * 300}></iframe>"}),
    ]
    (tmp_path / "page.html").write_text(page(*hostile(), *wide), encoding="utf-8")
    tab, asked = browser.new_page(viewport={"width": width, "height": 900}), []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((tmp_path / "page.html").as_uri())
    tab.wait_for_timeout(200)
    assert [url for url in asked[1:] if not url.startswith("data:")] == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    tab.close()


# Pictures


@pytest.mark.parametrize(
    "source",
    [
        "![a](attachment:my shot.png)", "![a](attachment:my%20shot.png)", "![a][b]\n\n[b]: attachment:my%20shot.png",
        "<img src='attachment:my shot.png'>", "[![a](attachment:my%20shot.png 'titled')](http://x.org)",
        "![a](pic.png)", "![a](sub/my pic (1).png)", "![a](<sub/my pic (1).png> 'titled')", "![a](./pic.png?raw=true)",
        "![a](sub\\\\my%20pic%20(1).png)", "<p><img alt='a' src='pic.png' width=9></p>", f"![a]({DATA})",
        "| a |\n|---|\n| ![a](pic.png) |",
    ],
)  # fmt: skip
def test_a_picture_attached_or_beside_stands_in_the_page(tmp_path, source):
    (tmp_path / "sub").mkdir()
    for name in ("pic.png", "sub/my pic (1).png"):
        (tmp_path / name).write_bytes(PNG)
    held = {"my shot.png": {"image/png": DATA.partition(",")[2][:40] + "\n" + DATA.partition(",")[2][40:]}}
    html = page(M(source, attachments=held), folder=tmp_path)
    assert html.count(DATA) == 1 and "is missing" not in html and promises(html) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "![a](attachment:gone.png)",
            "“a” is missing: the cell has no picture 'gone.png' attached; paste it once more",
        ),
        ("![a](attachment:bad.png)", "“a” is missing: 'bad.png' is empty"),
        ("![a](gone.png)", "“a” is missing: there is no file 'gone.png' beside the notebook"),
        ("![a](../pic.png)", "“a” is missing: '../pic.png' lies outside the notebook's folder; put a copy beside"),
        ("![a](/etc/hostname)", "“a” is missing: '/etc/hostname' lies outside the notebook's folder"),
        ("![a](link.png)", "“a” is missing: 'link.png' lies outside the notebook's folder"),
        ("![a](words.png)", "“a” is missing: 'words.png' holds no picture that a browser shows"),
        ("![a](film.mp4)", "“a” is missing: 'film.mp4' holds no picture that a browser shows"),
        ("![a](large.png)", "“a” is missing: 'large.png' has 11 MB, and a picture may have 10"),
        ("![a](sub)", "“a” is missing: there is no file 'sub' beside the notebook"),
        ("![a](pipe.png)", "“a” is missing: there is no file 'pipe.png' beside the notebook"),
        (f"![A map]({ELSEWHERE})", f"“A map” is missing: {ELSEWHERE} lies elsewhere, and a page fetches nothing"),
        ("<img src='file:///etc/hostname'>", "A picture is missing: file:///etc/hostname lies elsewhere"),
        ("![a](data:image/png;base64,AAAA)", "“a” is missing: its data are damaged"),
        ("<img>", "A picture is missing: it names no file"),
        (f"![a]({'x' * 300}.png)", "cannot be read: OSError"),
    ],
)
def test_a_picture_that_cannot_be_had_is_named_in_its_place(tmp_path, source, said):
    folder = tmp_path / "notebooks"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "pic.png").write_bytes(PNG)
    (folder / "link.png").symlink_to(tmp_path / "pic.png")
    (folder / "words.png").write_text("no picture")
    (folder / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    (folder / "large.png").write_bytes(PNG + bytes(11_000_000))
    os.mkfifo(folder / "pipe.png")
    html = page(M(f"Before {source} after.", attachments={"bad.png": {"image/png": "???"}}), folder=folder)
    words = told(html)
    assert said in words and words.startswith("Before") and words.endswith("after.") and promises(html) == []


def test_a_picture_that_the_run_itself_left_goes_before_an_older_one_beside(tmp_path):
    (notebooks := tmp_path / "notebooks").mkdir()
    (work := tmp_path / "work").mkdir()
    (notebooks / "my plot.gif").write_bytes(b"GIF89a of yesterday")
    for name in ("my plot.gif", "unnamed.gif"):
        (work / name).write_bytes(base64.b64decode(GIF))
    (work / "link.gif").symlink_to(notebooks / "my plot.gif")
    cells = [M("![a](my%20plot.gif)"), M("![b](link.gif)"), C("", outputs=[])]
    left = pictures.written(nbformat.v4.new_notebook(cells=cells), work)
    assert list(left) == ["my plot.gif"]
    assert f"data:image/gif;base64,{GIF}" in page(*cells, folder=notebooks, written=left)


def test_a_file_whose_name_is_no_text_hinders_no_page(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"")
    (tmp_path / "new.png").write_bytes(PNG)
    assert pictures.written(nbformat.v4.new_notebook(cells=[M("![new](new.png)")]), tmp_path) == {"new.png": PNG}


def test_a_name_is_found_whichever_way_its_accents_are_written(tmp_path):
    (tmp_path / "u\u0308bung.png").write_bytes(PNG)
    held = pictures.Pictures({"e\u0301.png": {"image/png": DATA.partition(",")[2]}}, tmp_path)
    assert held.within("%C3%BCbung.png") == held.within("attachment:\u00e9.png") == DATA


# TeX and money


@pytest.mark.parametrize(
    "source",
    [
        "It costs $10-$12 a month, ($3.5m) against ($4m), US$20–US$30.", "between $5 and $6", "$5/$6, $1,000–$2,000.",
        "in A$, not US$, we", "from 20$-30$ a month", "$5 and 6$", "$5m against A$", "$ 5 - $ 12",
        "$0.05/min (or $3/h)", "paid $5M→$6M", "$HOME/$USER", "rated $$ or $$, and $$$",
        "costs $ 5 is much more than $ 4", "($5) or (6$)", "See [1] (or not).", "$10-$twelve",
    ],
)  # fmt: skip
def test_money_is_not_mathematics(source):
    assert read(markdown.html(source)) == source
    assert read(tex.in_html(f"<p>{source}</p>")) == source


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("$x$, $x$-th, $2n$th", "⟦x⟧ , ⟦x⟧ -th, ⟦2n⟧ th"),
        ("$ \\mu $ and $ a + b $ and $ 2 x $", "⟦μ⟧ and ⟦a+b⟧ and ⟦2x⟧"),
        ("costs $20 when $x$ is $5", "costs $20 when ⟦x⟧ is $5"),
        ("3$\\times$4, 2$x$", "3 ⟦×⟧ 4, 2 ⟦x⟧"),
        ("\\(x_1\\) and \\\\(x_2\\\\)", "⟦x1⟧ and ⟦x2⟧"),
        ("so \\[x = 1\\] and \\\\[y\\\\]", "so ⟦x=1⟧ and ⟦y⟧"),
        ("\\[1\\] and \\(see below\\)", "[1] and (see below)"),
        ("\\[\nx\n\\]", "⟦x⟧"),
        ("$$\na\n\n= b\n$$\nthen", "⟦a=b⟧ then"),
        ("where\n$$a\n- b$$\nholds", "where ⟦a−b⟧ holds"),
        ("- so $$x$$ holds", "so ⟦x⟧ holds"),
        ("# Is $\\mu$ right?", "Is ⟦μ⟧ right?"),
        (
            "| $|x|$ | $\\|x\\|$ | $P(A|B)$ | $5 |\n|-|-|-|-|\n| $5 | 6 | $x$ | 7 |",
            "⟦|x|⟧ ⟦‖x‖⟧ ⟦P(A|B)⟧ $5 $5 6 ⟦x⟧ 7",
        ),
        ("<div>\n$x$ for $5\n</div>", "⟦x⟧ for $5"),
        ("*a $x*y$ b* $a_1$ or $b_1$", "a ⟦x*y⟧ b ⟦a1⟧ or ⟦b1⟧"),
        ("\\begin{equation}x \\label{e}\\end{equation}", "⟦x⟧"),
        ("\\begin{eqnarray*} a &=& b \\end{eqnarray*}", "⟦a=b⟧"),
        ("$$\\begin{aligned} a &= b \\\\ &= c \\end{aligned}$$", "⟦a=b=c⟧"),
        ("\\begin{alignat}{2} a &= b \\nonumber \\end{alignat}", "⟦a=b⟧"),
        ("\\begin{gather} a \\\\ b \\end{gather}", "⟦ab⟧"),
        ("$x \\text{ if $y$}$", "⟦x if $y$⟧"),
        ("`$x$` and <code>$x$</code>", "$x$ and $x$"),
        ("```\n$x$ $$y$$\n```\n\n    $$z$$", "$x$ $$y$$ $$z$$"),
        ("\\$5 or \\$6, \\$x^2\\$", "$5 or $6, $x^2$"),
        ("$\\text{a<b & c}$", "⟦a<b & c⟧"),
    ],
)
def test_tex_is_mathematics_however_it_arrives(source, shown):
    assert read(fragment.fit(markdown.html(source), pictures.Pictures()).html) == shown


@pytest.mark.parametrize(
    "source", [r"\SI{5}{m}", r"\frac{1", "x^{", r"\begin{tabular}{l} a & b \end{tabular}", "a & b"]
)
def test_tex_that_cannot_be_converted_shows_its_source_as_code(source):
    assert tex.formula(source) == f'<code class="tex">{source.replace("&", "&amp;")}</code>'
    assert f">{source.replace('&', '&amp;')}</code>" in page(M(f"It is ${source}$ now."))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"$\displaystyle \mu = x_1$", "⟦μ=x1⟧"),
        (r"\begin{align} a &= b \\ c &= d \end{align}", "⟦a=bc=d⟧"),
        ("so $x$ and \\[y\\]", "so ⟦x⟧ and ⟦y⟧"),
        (r"\mu", r"\mu"),
        (r"$\displaystyle \SI{5}{m}$", r"$\displaystyle \SI{5}{m}$"),
    ],
)
def test_tex_that_a_cell_shows_is_mathematics_or_its_source(source, shown):
    assert told(page(out({"text/latex": source, "text/plain": "<IPython.core.display.Latex object>"}))) == shown


def test_tex_in_a_table_s_html_is_mathematics_and_money_is_not():
    html = tex.in_html("<td>$\\beta_1$</td><td>$5</td><td>$6-$7</td><td>A$</td><td>$x$</td><pre>$x$</pre><td>a &lt; $5")
    assert read(html) == "⟦β1⟧ $5 $6-$7 A$ ⟦x⟧ $x$ a < $5"
    assert "math" not in tex.in_html("<table class='mathjax_ignore'><td>$x$</td></table>").replace("mathjax", "")


# Outputs


@pytest.mark.parametrize(
    "kind", ["application/vnd.plotly.v1+json", "application/vnd.jupyter.widget-view+json", "application/javascript"]
)
def test_what_needs_a_script_gives_way_to_the_picture_beside_it(kind):
    data = {kind: "{}", "text/html": "<script>draw()</script><div>Loading</div>", "text/plain": "Figure({...})"}
    assert f'src="{DATA}"' in page(out(data | {"image/png": DATA.partition(",")[2]}))
    assert told(page(out(data | {"image/svg+xml": SVG}))) == ""
    assert outputs.form(data | {"image/gif": GIF}, pictures.Pictures())["text/html"].startswith(
        '<img src="data:image/gif'
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"application/vnd.vegalite.v5+json": {}, "text/plain": "alt.Chart(...)"}, "An Altair figure is missing here"),
        ({"text/html": "<div class=bk-root></div><script>1</script>"}, "A Bokeh figure is missing here"),
        ({"text/html": "<iframe srcdoc='leaflet'></iframe>", "text/plain": "<folium.Map at 0x1f>"}, "A map is missing"),
        ({"text/html": "<video src=film.mp4></video>"}, "[The video “film.mp4” is missing: a page fetches nothing"),
        ({"application/x-odd": "?"}, "An output of the kind application/x-odd is missing here"),
        (
            {"application/x-odd": "?", "text/plain": "5 heads"},
            "An output of the kind application/x-odd is missing here",
        ),
        ({"application/pdf": "JVBE"}, "A PDF is missing here"),
        ({"image/png": "????"}, "A picture is missing here: its data are damaged."),
        ({"image/tiff": "AAAA"}, "A picture of a kind that browsers do not show is missing here"),
        ({"text/html": "<b>5</b> heads<script>1</script>"}, "5 heads A script was left out, and what it would have"),
        (
            {"text/html": f"<link rel=stylesheet href={ELSEWHERE}><p>5"},
            "5 What a style or a tag would have fetched from",
        ),
    ],
)
def test_an_output_that_a_page_cannot_show_is_said_to_be_missing(data, said):
    html = page(out(data))
    assert told(html).startswith(said) and promises(html) == []
    assert ("5 heads" in told(html)) == ("5 heads" in str(data) or "<b>5</b>" in str(data))


def test_an_output_that_shows_nothing_takes_no_room():
    empty = [{"application/vnd.casestudy.comparison+json": {}}, {"text/html": " "}, {"text/plain": ""}]
    empty += [{"text/html": "<div></div>", "text/plain": "<IPython.core.display.HTML object>"}]
    empty += [{"application/vnd.bokehjs_load.v0+json": "", "application/javascript": "load()"}]
    assert all("output_area" not in page(out(data)) for data in empty)
    assert "output_area" in page(out({"text/html": "<style>p { color: red }</style>"}))


def test_a_drawing_and_a_styled_table_stay_as_they_are():
    drawing = (
        '<svg height="9pt" viewbox="0 0 9 9"><defs><style type="text/css">*{stroke: red}</style>'
        '<path d="M0 0" id="m"></path><clippath id="c"><rect width="9"></rect></clippath></defs><g clip-path="url(#c)">'
        '<use style="stroke: #1f77b4" x="1" xlink:href="#m"></use></g></svg>'
    )
    table = (
        '<style type="text/css">\n#T_a_row0_col0 {\n  color: red;\n}\n</style>\n<table id="T_a"><tbody><tr>'
        '<td class="data row0 col0" id="T_a_row0_col0">5</td></tr></tbody></table>\n'
    )
    for html in (drawing, table):
        assert fragment.fit(html, pictures.Pictures()) == fragment.Fragment(html)
    assert f"base64,{base64.b64encode(SVG.encode()).decode()}" in page(out({"image/svg+xml": SVG})).replace("\n", "")


def test_what_stands_about_an_output_can_neither_frame_nor_fetch_nor_run():
    data = {"image/png": DATA.partition(",")[2], "text/plain": "x"}
    given = {"filenames": {"image/png": "a.png"}, "image/png": {"width": "9 onerror=f()", "height": 9}}
    html = page(out(data, metadata=given), out({"text/html": "<b>5</b>"}, metadata={"text/html": {"isolated": True}}))
    assert promises(html) == [] and "height=" in html and "onerror" not in html and "<b>5</b>" in html
    cell = M("x", metadata={"tags": ['"><script>1</script>', "hide"]})
    state = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    assert promises(page(cell, widgets=state)) == [] and "celltag_hide" in page(cell)


def test_the_notebook_that_is_kept_stays_as_it_ran(tmp_path):
    book = nbformat.v4.new_notebook(cells=[out({"application/x-odd": "?", "text/plain": "5"}), RAW("<script>")])
    before = nbformat.writes(book)
    document.document(book, "How many?", {}, pictures=pictures.Pictures(folder=tmp_path))
    assert nbformat.writes(book) == before
