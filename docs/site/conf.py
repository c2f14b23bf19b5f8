"""How sphinx builds the site from what build.py has gathered: nothing is run, nothing is fetched."""

import re
import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from build import SOURCES, spelling
from docutils import nodes

from casestudy.reports.pages import tex

project = "casestudy"
author = "The casestudy authors"
copyright = "the casestudy authors; text CC BY 4.0, code MIT"
version = release = installed("casestudy")
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = [".doctrees", "extra", "static"]
html_extra_path = [str(SOURCES / "extra")]
nb_execution_mode = "off"
suppress_warnings = ["ref.python"]  # signatures are as the code spells them, and some names stand in two rooms
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_dmath_allow_digits = False
myst_dmath_allow_space = False
myst_heading_anchors = 3
html_theme = "furo"
html_title = "casestudy"
html_static_path = ["static", str(SOURCES / "static")]
html_css_files = ["site.css", "layers.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
add_module_names = False
python_use_unqualified_type_names = True


def inline_formula(writer, node):
    writer.body.append(tex.inline(node.astext()))
    raise nodes.SkipNode


def formula(writer, node):
    writer.body.append(tex.block(node.astext(), "div"))
    raise nodes.SkipNode


def plain(app, what, name, obj, options, lines):
    """Our docstrings are Markdown with doctests: code spans become literals, and no sign is an instruction."""
    within = False
    for number, line in enumerate(lines):
        within = line.lstrip().startswith((">>>", "...")) or (within and bool(line.strip()))
        if within:
            continue
        parts = re.split(r"(`[^`]+`)", line)
        safe = [f"`{part}`" if part[:1] == "`" else re.sub(r"([\\*|_])", r"\\\1", part) for part in parts]
        lines[number] = "".join(safe)


def spelled(app, what, name, obj, options, signature, returned):
    """A signature as the code spells it."""
    return spelling(obj, what == "method") if what in ("function", "method") else None


def setup(app):
    app.add_html_math_renderer("mathml", (inline_formula, None), (formula, None))
    app.connect("autodoc-process-docstring", plain)
    app.connect("autodoc-process-signature", spelled)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
