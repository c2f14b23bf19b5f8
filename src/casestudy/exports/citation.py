"""How the package and a case are cited: by CITATION.cff, or by what datapackage.json says of the case."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # which papermill brings

from casestudy import schema
from casestudy.case import Case, built_in
from casestudy.refusals import Refusal, file_access

FORMATS = ("text", "bibtex", "cff")
KINDS = {"dataset": "Data set", "software": "Computer software"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Citation:
    """Who made a case, what it is called, its version and its licence; as the file has them.

    kind: software or dataset; released: a day, as YYYY-MM-DD; any part but title and authors may be empty.
    """

    authors: str
    title: str
    version: str = ""
    license: str = ""
    kind: str = "software"
    released: str = ""
    address: str = ""
    said: Mapping[str, Any] = field(default_factory=dict, compare=False)  # the CITATION.cff it was read from

    @property
    def line(self) -> str:
        """As it stands in a list of sources.

        >>> Citation("A. Author", "casestudy: a case", "0.5.0", "MIT").line
        'A. Author. casestudy: a case. Version 0.5.0. Licence MIT.'
        """
        rest = [f"Version {self.version}" if self.version else "", f"Licence {self.license}" if self.license else ""]
        return " ".join(f"{part.rstrip('.')}." for part in (self.authors, self.title, *rest) if part)

    @property
    def text(self) -> str:
        """In the manner of the APA, 7th edition.

        >>> Citation("A. Author", "casestudy: a case", "0.5.0", released="2026-11-29").text
        'A. Author. (2026). casestudy: a case (Version 0.5.0) [Computer software].'
        """
        version = f" (Version {self.version})" if self.version else ""
        told = f"{self.authors.rstrip('.')}. ({self.released[:4] or 'n.d.'}). {self.title}{version}"
        return f"{told} [{KINDS[self.kind]}]. {self.address}".rstrip()

    @property
    def bibtex(self) -> str:
        r"""As an entry that BibTeX and biblatex read; authors and title stand as they are.

        >>> print(Citation("R&D", "a case", "1.0", released="2026-11-29").bibtex)
        @misc{a-case-1.0,
          author = {{R\&D}},
          title = {{a case}},
          year = {2026},
          month = nov,
          note = {Version 1.0. Computer software}
        }
        """
        key = re.sub(r"[^a-z0-9.]+", "-", f"{self.title.partition(':')[0]} {self.version}".lower()).strip("-") or "case"
        authors = " and ".join(f"{{{_tex(one)}}}" for one in self.authors.split("; "))
        fields = {"author": f"{{{authors}}}", "title": f"{{{{{_tex(self.title)}}}}}"}
        if self.released:
            fields |= {"year": f"{{{self.released[:4]}}}", "month": MONTHS[int(self.released[5:7]) - 1]}
        notes = [f"Version {self.version}" if self.version else "", KINDS[self.kind]]
        notes.append(f"Licence {self.license}" if self.license else "")
        fields["note"] = f"{{{_tex('. '.join(filter(None, notes)))}}}"
        if self.address:
            fields["url"] = f"{{{self.address}}}"
        lines = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
        return f"@misc{{{key},\n{lines}\n}}"


def _tex(text: str) -> str:
    """A text in which nothing is an instruction to TeX."""
    signs = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(signs.get(sign, f"\\{sign}" if sign in "&%$#_{}" else sign) for sign in text)


def citation(case: Case) -> Citation | None:
    """What the case's CITATION.cff says; None where there is none, or none that can be read."""
    try:
        return _read(case.citation)
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return None


def _read(path: Path) -> Citation:
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    licence = said.get("license", "")
    return Citation(
        authors="; ".join(_name(author) for author in said["authors"]),
        title=str(said["title"]),
        version=str(said.get("version", "")),
        license=" AND ".join(map(str, licence)) if isinstance(licence, list) else str(licence),
        kind="dataset" if said.get("type") == "dataset" else "software",
        released=_day(said.get("date-released")),
        address=next((str(said[name]) for name in ("doi", "repository-code", "url") if said.get(name)), ""),
        said=said,
    )


def _day(said: object) -> str:
    return str(said) if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-\d{2}", str(said)) else ""


def _name(author: dict) -> str:
    """A person's or a group's name."""
    parts = (author.get("given-names"), author.get("family-names"), author.get("name"))
    return " ".join(str(part) for part in parts if part)


def of_package() -> Citation:
    """How the package is cited."""
    found = citation(built_in())
    if found is None:
        raise Refusal(f"{built_in().citation} cannot be read; install casestudy again")
    return found


def of_case(case: Case) -> Citation:
    """How a case is cited: its figures and notes, apart from the package.

    By the CITATION.cff at its root, which for the built-in case is the package's; else, or there, by title, version,
    contributors and licences in its datapackage.json. Refuses a case that says neither.
    """
    own, said = citation(case), schema.package(case)
    if case.root != built_in().root and case.citation.is_file():
        if own is None:
            raise Refusal(f"{case.citation} cannot be read: it needs a title and a list of authors, as YAML in UTF-8")
        return own
    title, people = said.get("title"), _titles(said.get("contributors"))
    authors = "; ".join(people) or (own.authors if own else "")
    if not isinstance(title, str) or not authors:
        lacks = "a title" if not isinstance(title, str) else "contributors, each with a title"
        told = f"{case.root} does not say how it is cited"
        raise Refusal(f"{told}: its datapackage.json needs {lacks}; or add a CITATION.cff")
    licences = " AND ".join(_titles(said.get("licenses"), "name"))
    released = _day(str(said.get("created", ""))[:10]) or (own.released if own else "")
    return Citation(authors, title, str(said.get("version", "")), licences, "dataset", released)


def _titles(said: object, name: str = "title") -> list[str]:
    """One text of each part of a list in datapackage.json."""
    parts = said if isinstance(said, list) else []
    return [str(one[name]) for one in parts if isinstance(one, dict) and one.get(name)]


def cite(case: Case, form: str = "text") -> str:
    """The package and the case, ready to paste: `text`, `bibtex`, or `cff` for a CITATION.cff of the case.

    The cff of the built-in case is the package's file; that of any other names the package among its references.
    """
    if form not in FORMATS:
        raise Refusal(f"--format takes {', '.join(FORMATS)}: got {form!r}")
    package, own = of_package(), of_case(case)
    if form != "cff":
        return "\n\n".join(getattr(one, form) for one in (package, own))
    path = built_in().citation
    with file_access(f"read {path}"):
        text = path.read_text(encoding="utf-8").strip()
    if case.root == built_in().root:
        return text
    return yaml.safe_dump(_cff(own, package), sort_keys=False, allow_unicode=True).strip()


def _cff(own: Citation, package: Citation) -> dict[str, Any]:
    head = {"cff-version": "1.2.0", "message": "If you use this case, please cite it, and the package that ran it."}
    about = head | dict(own.said or {"title": own.title, "type": own.kind, "authors": _named(own)})
    about |= {name: value for name, value in (("version", own.version), ("date-released", own.released)) if value}
    if own.license and not own.said:
        about["license"] = own.license.split(" AND ")
    tool = {"type": "software", "title": package.title, "authors": _named(package), "version": package.version}
    return about | {"references": [*about.get("references", []), tool]}


def _named(one: Citation) -> list[dict[str, str]]:
    return [{"name": name} for name in one.authors.split("; ")]
