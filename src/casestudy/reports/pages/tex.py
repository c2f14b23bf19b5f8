r"""TeX as MathML, which needs no script: which signs of a text are TeX, and which are money.

In Markdown, in a text/latex output and in the texts of HTML, TeX arrives as `$...$`, `$$...$$`, `\(...\)`, `\[...\]` or
`\begin{...}...\end{...}`. A dollar follows pandoc's rule, and prose between two dollars is no formula either.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element

LONGEST = 20_000  # characters of one formula
_ATOM = r"(?:\\(?:text|textrm|textbf|textit|mbox)\{[^{}]*\}|\\[^\n]|(?!\n[ \t]*\n)[^$\\`])"  # no blank line, no code
_ANY = r"(?:(?!\n[ \t]*\n)(?s:.))"
_MONEY = r"(?:(?<![A-Z]\$)|(?!\d))(?:(?<!\d\$)|(?=[^\W\d_]|[^$\n]*[\\^_]))"  # neither US$20 nor 20$-30$; but 3$\times$4
DISPLAY = rf"(?<![\\$])\$\$(?!\$)(?P<display>(?:{_ATOM}|\$(?!\$))+?)\$\$(?!\$)"
DOLLARS = rf"(?<![\\$])\$(?!\$){_MONEY}(?P<dollars>{_ATOM}+?)\$(?!\$)"
PARENTHESES = rf"(?P<slash>\\\\?)\((?P<parentheses>{_ANY}{{1,3000}}?)\\\\?\)"
BRACKETS = rf"(?P<slashes>\\\\?)\[(?P<brackets>{_ANY}{{1,3000}}?)\\\\?\]"
BEGIN = r"\\begin\{(?P<environment>[A-Za-z]+\*?)\}"

_SIGN = re.compile(r"\\[A-Za-z,;:!|{}]|[_^{}=<>+]|\\\\")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?(?:\{[^{}]*\})*")
_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}(?![^\W\d_])")
_SYMBOL = re.compile(r"[^\W_]'*(?:\([^\W\d_]\))?(?:\s*[-+*/,|]\s*[^\W_]'*)*")  # x, f(x), a + b

# What the converter does not know, by what it knows.
_BODIES = ("equation", "displaymath", "math", "subequations")
_TABLES = {
    "align": "align*", "aligned": "align*", "flalign": "align*", "gather": "matrix", "gathered": "matrix",
    "multline": "matrix", "dcases": "cases", "split": "align*",
}  # fmt: skip
_COUNTED = ("alignat", "alignedat")  # their columns are counted in an argument
_KNOWN = frozenset({"array", "align*", "cases", "smallmatrix"}) | {f"{kind}matrix" for kind in ("", *"pbBvV")}
_PARTS = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "mroot": 2, "msubsup": 3, "munderover": 3}


class NotTeX(ValueError):
    """What the converter cannot read, or reads only in part."""


def formula(tex: str, display: str = "inline") -> str:
    """TeX without its delimiters as MathML; where it cannot be converted, its source as code.

    display: `inline` or `block`.

    >>> formula("x").replace('xmlns="http://www.w3.org/1998/Math/MathML" ', "")
    '<math display="inline"><mrow><mi>x</mi></mrow></math>'
    >>> formula(r"\\SI{5}{m}")
    '<code class="tex">\\\\SI{5}{m}</code>'
    """
    try:
        return mathml(tex, display)
    except NotTeX:
        return f'<code class="tex">{escape(tex.strip())}</code>'


def mathml(tex: str, display: str = "inline") -> str:
    """As `formula`; raises NotTeX where anything of it would be lost or stand there raw."""
    if len(tex) > LONGEST:
        raise NotTeX("too long")
    try:
        tree = _tree(_known(tex), display)
        if display == "block" and tree.find(".//mspace[@linebreak]") is not None:  # which no browser heeds
            tree = _tree(rf"\begin{{matrix}}{_known(tex)}\end{{matrix}}", display)
        return ElementTree.tostring(tree, encoding="unicode")
    except Exception as error:  # of many kinds: those of the converter, a RecursionError, our own
        raise NotTeX(str(error)) from error


def _known(tex: str) -> str:
    """The same in the words of the converter."""
    tex = re.sub(r"\\(?:label\{[^{}]*\}|nonumber(?![A-Za-z])|notag(?![A-Za-z]))", "", tex)
    tex = re.sub(rf"\\(?:begin|end)\{{(?:{'|'.join(_BODIES)})\*?\}}", "", tex)
    tex = re.sub(rf"\\begin\{{(?:{'|'.join(_COUNTED)})\*?\}}\s*\{{\d+\}}", r"\\begin{align*}", tex)
    tex = re.sub(rf"\\end\{{(?:{'|'.join(_COUNTED)})\*?\}}", r"\\end{align*}", tex)
    tex = re.sub(r"\\begin\{eqnarray\*?\}", r"\\begin{array}{rcl}", tex)
    tex = re.sub(r"\\end\{eqnarray\*?\}", r"\\end{array}", tex)
    tables = "|".join(_TABLES)
    return re.sub(rf"\\(begin|end)\{{({tables})\*?\}}", lambda m: rf"\{m[1]}{{{_TABLES[m[2]]}}}", tex).strip()


def _tree(tex: str, display: str) -> ElementTree.Element:
    if unknown := set(re.findall(r"\\begin\{([^{}]*)\}", tex)) - _KNOWN:
        raise NotTeX(f"environments {unknown}")
    tree = convert_to_element(tex, display=display)
    for element in tree.iter():
        if side := element.attrib.pop("columnalign", ""):  # which browsers do not heed, either
            element.set("style", f"text-align: {side}")
        text = element.text or ""
        if re.match(r"\\[A-Za-z]|[&{}]$", text) or len(element) != _PARTS.get(element.tag, len(element)):
            raise NotTeX(f"{element.tag}: {text}")
        element.text = unescape(text) or None
    if not "".join(tree.itertext()).strip():
        raise NotTeX("nothing to see")
    return tree


def is_formula(body: str, after: str = "") -> bool:
    r"""Whether what stands between two dollars is TeX, not money or prose; after: what follows the second.

    >>> [is_formula(body) for body in ("x", r" \mu ", "2 r", "1,000")]
    [True, True, True, True]
    >>> is_formula("10-", after="12"), is_formula("5 and "), is_formula("5m against US"), is_formula(" 5 or ")
    (False, False, False, False)
    """
    words, text = len(_WORD.findall(_COMMAND.sub("", body))), body.strip()
    command, number = "\\" in body.replace(r"\$", ""), text[:1].isdigit()
    if not text or (words > 1 and (number or not command)):
        return False
    if re.match(r"\d", after) and (number or body != text or not re.search(r"\\[A-Za-z]|[_^]", text)):
        return False
    if not command and ((number and text[-1] in "-–—/,(+") or text[0] in "),.;:!?/]" or re.match(r"[^(]*\).*\(", text)):
        return False
    if words and not command and (number or re.match(r"[^\W\d_]", after)):
        return False
    if body == text:
        return True
    spaced = f" {text} " == re.sub(r"\s+", " ", body) and not words and re.search(r"[^\W\d_]", body)
    return not re.match(r"\s*\d", after) and bool(spaced or (is_surely(body) and (command or not number)))


def is_surely(body: str) -> bool:
    """Whether a text is TeX wherever it stands: it has one of TeX's signs, or is a symbol or a sum of some."""
    return bool(_SIGN.search(body) or (_SYMBOL.fullmatch(body.strip()) and not body.strip().isdigit()))


def is_bracketed(body: str, slash: str) -> bool:
    r"""Whether what stands in `\(...\)` is TeX; slash: how it was written, since one may mean the bracket itself.

    >>> is_bracketed("x", "\\"), is_bracketed("see below", "\\")
    (True, False)
    """
    return bool(body.strip()) and (len(slash) > 1 or is_surely(body) or not _WORD.search(body))


def environment(text: str, begin: re.Match[str]) -> tuple[str, int] | None:
    r"""The environment that begins there, with its `\begin` and `\end`, and where it ends; None where it does not."""
    name, depth = re.escape(begin["environment"]), 0
    for edge in re.finditer(rf"\\(begin|end)\{{{name}\}}", text[begin.start() :]):
        depth += 1 if edge[1] == "begin" else -1
        if not depth:
            end = begin.start() + edge.end()
            return text[begin.start() : end], end
    return None


_EITHER = re.compile("|".join((DISPLAY, DOLLARS, PARENTHESES, BRACKETS, BEGIN)))


def in_text(text: str, literal: Callable[[str], str] = escape, sure: Callable[..., bool] = is_formula) -> str:
    r"""A text as HTML, its TeX as MathML; literal: what is done to the rest, sure: which dollars hold a formula.

    >>> in_text("$5-$6 < 7")
    '$5-$6 &lt; 7'
    """
    parts, at, since = [], 0, 0
    while found := _EITHER.search(text, at):
        html, end = _read(found, sure)
        if html:
            parts += [literal(text[since : found.start()]), html]
            since = end
        at = end
    return "".join([*parts, literal(text[since:])])


def _read(found: re.Match[str], sure: Callable[..., bool]) -> tuple[str, int]:
    """One find as HTML, nothing where it is no TeX; and where to look on."""
    text, kind, end = found.string, found.lastgroup, found.end()
    body = found[kind or 0]
    if kind == "environment":
        whole = environment(text, found)
        return (block(whole[0]), whole[1]) if whole else ("", end)
    if kind in ("dollars", "display") and not sure(body, text[end : end + 3]):
        return "", found.start() + (2 if kind == "display" else 1)
    if kind == "parentheses" and not is_bracketed(body, found["slash"]):
        return "", end
    if kind == "brackets" and not (len(found["slashes"]) > 1 or is_surely(body)):
        return "", end
    return (inline(body) if kind in ("dollars", "parentheses") else block(body)), end


def inline(tex: str) -> str:
    """A formula within a line."""
    return f'<span class="formula">{formula(tex)}</span>'


def block(tex: str, tag: str = "span") -> str:
    """A formula on a line of its own; tag: `div` where it stands in no paragraph."""
    return f'<{tag} class="formula">{formula(tex, "block")}</{tag}>'


def latex(source: str) -> str:
    """A text/latex output as HTML; raises NotTeX where any of it cannot be converted."""
    literal: list[str] = []

    def kept(text: str) -> str:
        literal.append(text)
        return escape(text)

    html = in_text(source.strip(), kept)
    sole = re.fullmatch(r"\$\s*\\displaystyle\s*(.*?)\$|\$([^$]*)\$", source.strip(), re.S)
    if sole:
        html, literal = block(sole[1] or sole[2]), []
    if any(re.search(r"\\[A-Za-z]|\$", text) for text in literal) or '<code class="tex">' in html:
        raise NotTeX(source)
    return f"<div>{html}</div>"


_TAG = re.compile(r"(<!--.*?-->|<[^<>]*>)", re.S)
_OPAQUE = ("pre", "code", "kbd", "samp", "script", "style", "textarea", "title", "math", "svg")


def in_html(html: str) -> str:
    """HTML whose texts' TeX is MathML; what is code, or says that it wants none, stays as it is.

    >>> in_html("<p>$5, $6</p>"), in_html("<code>$x$</code>")
    ('<p>$5, $6</p>', '<code>$x$</code>')
    """
    if "$" not in html and "\\" not in html:
        return html
    parts, within, depth = [], "", 0
    for number, part in enumerate(_TAG.split(html)):
        if number % 2 == 0:
            parts.append(part if within else in_text(unescape(part), lambda text: escape(text, quote=False), _certain))
            continue
        parts.append(part)
        tag = re.match(r"<(/?)([A-Za-z][\w:-]*)", part)
        name = tag[2].lower() if tag else ""
        if tag and not within and not tag[1] and (name in _OPAQUE or re.search("(tex2jax|mathjax)_ignore", part)):
            within, depth = name, 1
        elif tag and name == within:
            depth += -1 if tag[1] else 1
            within = within if depth else ""
    return "".join(parts)


def _certain(body: str, after: str) -> bool:
    return is_formula(body, after) and is_surely(body)
