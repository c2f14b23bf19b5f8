"""One figure language: four layers in four colours, direct labels, words for every picture."""

import base64
import html
import io
import os
import textwrap
from pathlib import Path
from typing import Any, overload

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray
from PIL import Image  # which matplotlib brings

from casestudy import variant
from casestudy.layers import LAYERS

PRINTED, IMPLIED, REPORTED, INVENTED = LAYERS.values()
QUIET = "#9AA3AF"  # what is only there to compare with
SOFT = "#5B6472"  # words about it
BAND = "#D5DAE1"  # a range behind the marks
FAILED = "#B3331A"  # a test that was failed
WARNING = "#B00020"  # no longer the document's figures
WIDE, DOTS, TINTS = 736, 220, 128  # pixels of a page's text, dots an inch for screens twice as fine, colours that do
NEARLY_WHITE = 252  # of 255
SHORTEST_ALT = 40  # characters; fewer cannot say what a figure shows


@overload
def canvas(width: float = ..., height: float = ...) -> Axes: ...


@overload
def canvas(
    width: float = ..., height: float = ..., rows: int = ..., columns: int = ..., **options: Any
) -> NDArray[np.object_]: ...


def canvas(
    width: float = 6.4, height: float = 4.0, rows: int = 1, columns: int = 1, **options: Any
) -> Axes | NDArray[np.object_]:
    """Axes to draw on, in the project's style; an array of them for more than one row or column. Size in inches."""
    sns.set_theme(style="white", context="notebook", font_scale=1.05)
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), layout="constrained", **options)
    sns.despine(figure)
    return axes


def finish(ax: Axes, title: str, layer: str, x: str = "", y: str = "", rests_on: str = "") -> Axes:
    """Title that states the finding, axes with units, and the layer in word and colour.

    rests_on: what of it is from a second layer, such as `dates Reported`, or an assumption of ours, `if rates stay`.
    """
    if layer not in LAYERS:
        raise ValueError(f"layer must be one of {', '.join(LAYERS)}: got {layer!r}")
    figure = _figure(ax)
    inches = figure.get_size_inches()[0]
    ax.set_title(textwrap.fill(title, int(inches * 8.4)), loc="left", fontweight="bold", fontsize=13)
    if isinstance(engine := figure.get_layout_engine(), ConstrainedLayoutEngine):
        room = 0.22 / figure.get_size_inches()[1]  # for the layer under the axes
        engine.set(rect=(0, room, 1, 1 - room))
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    words = f"{layer}, {rests_on}" if rests_on else layer
    figure.text(0.995, 0.005, words, color=LAYERS[layer], ha="right", va="bottom", fontsize=12, fontweight="bold")
    return ax


def label(ax: Axes, x: float, y: float, text: str, colour: str = PRINTED, **options: Any) -> None:
    """A name beside what it names, in its colour, instead of a legend. Position in data units."""
    ax.annotate(
        text, (x, y), color=colour, **({"xytext": (5, 0), "textcoords": "offset points", "va": "center"} | options)
    )


def show(ax: Axes, alt: str, signature: str | None = None) -> None:
    """Show a figure with its words: `alt` says what a sighted reader sees.

    signature: the notebook's name, for the one figure a reader will remember. It is also written as PNG and SVG with
    its finding (the title) to the folder in $CASESTUDY_FIGURES, where the report runner sets one. Every figure names
    the parameters that the run changed and that it can depend on, so that a slide cannot pass for the document's.
    """
    from IPython.display import display

    if signature and Path(signature).name != signature:
        raise ValueError(f"signature must be the notebook's name, such as 02-satisfaction: got {signature!r}")
    if len(alt) < SHORTEST_ALT:
        raise ValueError(f"alt must say in at least {SHORTEST_ALT} characters what the figure shows: got {alt!r}")
    figure = _figure(ax)
    if changed := variant.assignments(variant.seen()):
        layer = max((len(text.get_text()) for text in figure.texts), default=0)
        room = max(20, int(8.4 * figure.get_size_inches()[0]) - layer)  # both stand on one line
        words = textwrap.shorten(f"changed: {changed}", room, placeholder=" ...")
        figure.text(0.005, 0.005, words, color=WARNING, ha="left", va="bottom", fontsize=10, fontweight="bold")
    _settle(figure)
    picture = _picture(figure)
    if signature and (folder := os.environ.get(variant.FOLDER)):
        stem = Path(folder) / signature
        stem.with_name(f"{signature}.png").write_bytes(picture)
        figure.savefig(f"{stem}.svg")
        finding = [*_titles(figure), f"(Run with changed parameters: {changed}.)" if changed else ""]
        stem.with_name(f"{signature}.txt").write_text(" ".join(finding).strip() + "\n", encoding="utf-8")
    plt.close(figure)
    source = base64.b64encode(picture).decode()
    image = f'<img alt="{html.escape(alt)}" width="{WIDE}" src="data:image/png;base64,{source}">'
    display({"text/html": image, "text/plain": alt}, raw=True, metadata={"signature": signature} if signature else {})


def fold(summary: str, content: pd.DataFrame | str) -> None:
    """Show a table or a sentence folded under its summary: what a reader should meet only after a guess."""
    from IPython.display import display

    if isinstance(content, str):
        inside, words = f"<p>{html.escape(content)}</p>", content
    else:
        with pd.option_context("display.max_colwidth", None):
            inside = content.to_html(border=0)
        words = content.to_string()
    page = f'<details class="fold"><summary>{html.escape(summary)}</summary>{inside}</details>'
    display({"text/html": page, "text/plain": f"{summary}\n{words}"}, raw=True)


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes were taken out of their figure: draw them again")
    return figure


def picture(ax: Axes) -> bytes:
    """A figure as a PNG, for a page that no notebook makes; it is closed afterwards."""
    figure = _figure(ax)
    _settle(figure)
    drawn = _picture(figure)
    plt.close(figure)
    return drawn


def _picture(figure: Figure) -> bytes:
    """A PNG that is sharp where a screen has two dots a pixel, and small: few colours, since drawings need no more."""
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="raw", dpi=DOTS)
    width, height = (int(side * DOTS) for side in figure.get_size_inches())
    image = Image.frombuffer("RGBA", (width, height), drawn.getvalue()).convert("RGB")
    image = image.quantize(TINTS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    colours = np.array(image.getpalette()).reshape(-1, 3)
    colours[colours.min(axis=1) >= NEARLY_WHITE] = 255  # the quick way to choose colours misses by one
    image.putpalette(colours.ravel().tolist())
    image.save(small, format="png")
    return small.getvalue()


def _settle(figure: Figure) -> None:
    """Fix the layout to four digits: the last bits of the solver's answer differ from run to run."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for ax in figure.axes:
        left, bottom, width, height = (round(edge, 4) for edge in ax.get_position().bounds)
        ax.set_position((left, bottom, width, height))


def _titles(figure: Figure) -> list[str]:
    titles = [ax.get_title(loc="left").replace("\n", " ") for ax in figure.axes]
    return [title for title in titles if title]
