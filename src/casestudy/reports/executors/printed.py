"""What cells print, as it is kept."""

from nbformat import NotebookNode


def in_one_piece(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs with what was printed in one piece a stream, as a terminal would show it.

    It comes in as many pieces as the machine's load makes of it. nbclient can do this, too; of one long line it takes
    time with the square of its length, and no limit of time ends that.
    """
    found: list[NotebookNode] = []
    printed: dict[str, list[str]] = {}
    for output in outputs:
        if output.output_type == "stream" and output.name in printed:
            printed[output.name].append(output.text)
            continue
        found.append(output)
        if output.output_type == "stream":
            printed[output.name] = [output.text]
    for output in found:
        if output.output_type == "stream":
            output.text = as_seen("".join(printed[output.name]))
    for place, output in enumerate(found):
        if output.output_type == "stream":
            after = found[place + 1] if place + 1 < len(found) else None
            if output.name == "stderr" and after and after.get("name") == "stdout":
                found[place : place + 2] = [after, output]  # which of both comes first is chance
    return found


def as_seen(text: str) -> str:
    r"""A text after its backspaces and returns.

    >>> as_seen("10%\r20%\r90%\nab\bc\r\n")
    '90%\nac\r\n'
    """
    if "\b" in text:
        kept: list[str] = []
        for letter in text:
            if letter != "\b":
                kept.append(letter)
            elif kept and kept[-1] != "\n":
                kept.pop()
        text = "".join(kept)
    if "\r" not in text:
        return text
    *lines, last = text.split("\n")
    return "\n".join([*(_last(line) for line in lines), _last(last)])


def _last(line: str) -> str:
    """What was written on a line last; a return at its end is another system's way to end it."""
    end = "\r" if line.endswith("\r") else ""
    return line.removesuffix(end).rpartition("\r")[2] + end
