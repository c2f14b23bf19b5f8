"""What a figure says, for the tests of figures."""


def title(ax) -> str:
    """Its finding, on one line."""
    return ax.get_title(loc="left").replace("\n", " ")


def texts(ax) -> list[str]:
    """Every word written into it."""
    return [text.get_text() for text in ax.texts]
