r"""Markdown as HTML: CommonMark with tables, as notebooks read it, and TeX as MathML.

Pictures keep the address they were given, and HTML stands there as it came: `fragment` sees to both.
"""

import re
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

from mistune import HTMLRenderer
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, MathBlockParser, MathInlineParser

from casestudy.reports.pages import tex

ALONE = (  # a formula on lines of its own, in which no other rule of Markdown holds
    rf"^ {{0,3}}(?:\$\$[ \t]*\n(?P<lines>(?s:.*?))\n[ \t]*\$\$|{tex.DISPLAY}|{tex.BRACKETS}|{tex.BEGIN}(?s:.*?)"
    r"\\end\{(?P=environment)\})[ \t]*$"
)
VERBATIM = r"<(?P<element>code|kbd|samp|var|tt)\b[^<>]*>(?s:.{0,5000}?)</(?P=element)\s*>"
_NAME = r"(?:[^()\"<>\n]|\([^()\n]*\))+?"
_SPACE = r"(?=[^\s()\"]*(?:\([^()\n]*\)[^\s()\"]*)* [^\s\"')])"  # before anything that may be a title
SPACED = (  # the file names of screenshots hold spaces, which CommonMark does not read
    rf"!\[(?P<alt>[^\[\]\n]*)\]\({_SPACE}(?P<address>attachment:{_NAME}|{_NAME}\.(?i:png|jpe?g|gif|webp|svg))"
    r"(?:\s+\"(?P<title>[^\"\n]*)\")?\s*\)"
)
NOT_HERE = 0  # what a rule gives that does not hold where it was found
_ROW, _FENCE = re.compile(r"^ {0,3}\|.*\|\s*$"), re.compile(r"^ {0,3}(```+|~~~+)")
_BARS = re.compile(r"\\[A-Za-z]|[_^]|^\\?\|.*\|$|\w\(.*\|.*\)")


class _Blocks(MathBlockParser):
    SPECIFICATION = MathBlockParser.SPECIFICATION | {"multiline_math": ALONE}

    def parse_multiline_math(self, m: re.Match[str], state: Any) -> int:
        end, body = m.end(), m["lines"] or m["display"] or m["brackets"]
        if m["brackets"] and not tex.is_bracketed(m["brackets"], m["slashes"]):
            return NOT_HERE
        if m["environment"]:
            begin = re.compile(tex.BEGIN).search(state.src, m.start())
            whole = tex.environment(state.src, begin) if begin else None
            if not whole or state.src[whole[1] :].partition("\n")[0].strip():
                return NOT_HERE
            body, end = whole
        state.append_token({"type": "formula", "raw": body})
        return end + state.src.startswith("\n", end)


class _Inlines(MathInlineParser):
    SPECIFICATION = MathInlineParser.SPECIFICATION | {
        "verbatim": VERBATIM,
        "spaced_picture": SPACED,
        "inline_math_tex": tex.DOLLARS,
        "block_math_tex": tex.DISPLAY,
        "inline_math_latex": tex.PARENTHESES,
        "block_math_latex": tex.BRACKETS,
        "latex_environment": tex.BEGIN,
    }
    DEFAULT_RULES = ("verbatim", "spaced_picture", *MathInlineParser.DEFAULT_RULES)

    def parse_verbatim(self, m: re.Match[str], state: Any) -> int:
        state.append_token({"type": "inline_html", "raw": m[0]})
        return m.end()

    def parse_spaced_picture(self, m: re.Match[str], state: Any) -> int:
        alt, address = {"type": "text", "raw": m["alt"]}, quote(m["address"], safe="/:%")
        state.append_token({"type": "image", "children": [alt], "attrs": {"url": address, "title": m["title"]}})
        return m.end()

    def parse_inline_math_tex(self, m: re.Match[str], state: Any) -> int:
        after = m.string[m.end() : m.end() + 3]
        return self._read(m, state, "inline_math", m["dollars"]) if tex.is_formula(m["dollars"], after) else NOT_HERE

    def parse_block_math_tex(self, m: re.Match[str], state: Any) -> int:
        return self._read(m, state, "block_math", m["display"]) if tex.is_formula(m["display"]) else NOT_HERE

    def parse_inline_math_latex(self, m: re.Match[str], state: Any) -> int:
        if tex.is_bracketed(m["parentheses"], m["slash"]):
            return self._read(m, state, "inline_math", m["parentheses"])
        return self._bracket(m, state)

    def parse_block_math_latex(self, m: re.Match[str], state: Any) -> int:
        if len(m["slashes"]) > 1 or tex.is_surely(m["brackets"]):
            return self._read(m, state, "block_math", m["brackets"])
        return self._bracket(m, state)

    def parse_latex_environment(self, m: re.Match[str], state: Any) -> int:
        whole = tex.environment(state.src, m)
        if whole is None:
            return NOT_HERE
        self._read(m, state, "block_math", whole[0])
        return whole[1]

    def _read(self, m: re.Match[str], state: Any, kind: str, body: str) -> int:
        state.append_token({"type": kind, "raw": body})
        return m.end()

    def _bracket(self, m: re.Match[str], state: Any) -> int:
        """An escaped bracket, which is one."""
        self.process_text(m[0][1], state)
        return m.start() + 2


class _Renderer(IPythonRenderer):
    """TeX comes out as MathML."""

    def inline_math(self, body: str) -> str:
        return tex.inline(body)

    def block_math(self, body: str) -> str:
        return tex.block(body)

    def formula(self, body: str) -> str:
        return f"<p>{tex.block(body, 'div')}</p>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if re.fullmatch(r"\.\./[^:?#]*\.ipynb", url):  # a notebook beside this one's folder is not beside its page
            return text
        return str(HTMLRenderer.link(self, text, url, title))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return HTMLRenderer.image(self, text, url, title)  # an attachment that is missing is no error

    def block_html(self, html: str) -> str:
        return tex.in_html(super().block_html(html))


@cache
def _reader() -> MarkdownWithMath:
    renderer = _Renderer(escape=False, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer, block=_Blocks(), inline=_Inlines(hard_wrap=False))


@lru_cache(maxsize=512)  # the next set's page holds the same
def html(source: str) -> str:
    r"""Markdown as HTML.

    >>> html("See [set 02](../exercises/02/02.ipynb).")
    '<p>See set 02.</p>\n'
    >>> html("It costs $5-$6 a month."), html(r"\[1\] costs `$x$`")
    ('<p>It costs $5-$6 a month.</p>\n', '<p>[1] costs <code>$x$</code></p>\n')
    """
    return str(_reader().render(_bars(source)))


def _bars(source: str) -> str:
    """A bar within a formula does not end the cell of a table."""
    lines, fence = source.split("\n"), ""
    for number, line in enumerate(lines):
        if edge := _FENCE.match(line):
            fence = "" if fence and edge[1].startswith(fence) else fence or edge[1]
        elif not fence and "$" in line and _ROW.match(line):
            lines[number] = re.sub(tex.DOLLARS, _without_bars, line)
    return "\n".join(lines)


def _without_bars(m: re.Match[str]) -> str:
    body = m["dollars"]
    if "|" not in body or not (tex.is_formula(body, m.string[m.end() : m.end() + 3]) and _BARS.search(body)):
        return m[0]
    return "$" + body.replace(r"\|", r"\Vert ").replace("|", r"\vert ") + "$"
