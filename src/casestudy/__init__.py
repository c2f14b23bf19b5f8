"""An executable teaching case."""

import sys

# nbformat imports jsonschema, which would spend 3 s on a grammar of addresses in all scripts; no notebook is held to it
sys.modules.setdefault("rfc3987_syntax", None)
