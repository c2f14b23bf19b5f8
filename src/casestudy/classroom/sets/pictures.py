"""Pictures in a set's texts: which of them a copy takes along, and which would be lost on the way."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

ATTACHMENT, INLINE = "attachment:", "data:"
CODE = re.compile(r"^(`{3,}|~{3,}).*?^\1[^\n]*$|(`+)(?!`).+?(?<!`)\2(?!`)", re.M | re.S)
SHOWN = re.compile(
    r"""!\[[^\]]*\]\(\s*(?:<([^>\n]+)>|([^\s)]+))|<img\b[^>]*?\ssrc\s*=\s*(?:"([^"]+)"|'([^']+)'|([^\s"'>]+))""", re.I
)
BY_NAME = re.compile(r"!\[(?P<words>[^\]]*)\](?:\[(?P<name>[^\]]*)\])?(?!\()")
ADDRESS = r"^[ ]{{0,3}}\[{}\]:\s*(?:<([^>\n]+)>|(\S+))"


def shown(text: str) -> list[str]:
    """The addresses of the pictures that a text shows, in whichever way Markdown has for that.

    >>> shown("![a](attachment:a.png) ![b][two] <img src='c.png'> `![d](d.png)`\\n\\n[two]: b.png")
    ['attachment:a.png', 'c.png', 'b.png']
    """
    text = CODE.sub("", text)
    found = ["".join(filter(None, hit.groups())).strip() for hit in SHOWN.finditer(text)]
    for hit in BY_NAME.finditer(text):
        name = hit["name"] or hit["words"]
        if name and (address := re.search(ADDRESS.format(re.escape(name)), text, re.M | re.I)):
            found.append(address[1] or address[2])
    return found


def attached(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The pasted pictures that a cell's text shows; what else hangs at the cell is the author's own."""
    given = cell.get("attachments")
    given = given if isinstance(given, Mapping) else {}
    wanted = {unquote(address.removeprefix(ATTACHMENT)) for address in shown(cell["source"])}
    return {name: picture for name, picture in given.items() if unquote(name) in wanted}


def lost(cell: Mapping[str, Any]) -> list[str]:
    """What a student would not see of a text's pictures, and what to do."""
    here = {unquote(name) for name, picture in attached(cell).items() if _is_picture(picture)}
    found = []
    for address in shown(cell["source"]):
        if address.startswith(ATTACHMENT):
            if unquote(address.removeprefix(ATTACHMENT)) not in here:
                found.append(f"the picture {address} is not in this cell: paste it here again")
        elif re.match(r"(?:\w+:)?//", address):
            found.append(f"the picture {address} would come from a network: paste it into the cell instead")
        elif not address.startswith(INLINE):
            found.append(f"the picture {address} does not travel with a copy: paste it into the cell instead")
    return found


def _is_picture(bundle: object) -> bool:
    """Whether an attachment holds something, by its MIME type."""
    return isinstance(bundle, Mapping) and any("/" in kind and content for kind, content in bundle.items())
