"""A run as a Workflow Run Crate, for an archive: notebooks, data, what came out, and which made which of what."""

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casestudy import data, schema
from casestudy.case import Case
from casestudy.refusals import Refusal, file_access
from casestudy.reports.sets.parameters import Parameter, select
from casestudy.reports.verify.recorded import FILE, Run
from casestudy.reports.verify.verify import Verified
from casestudy.variant import assignments

if TYPE_CHECKING:
    from rocrate.model.entity import Entity

VERSION = "1.1"  # of RO-Crate, on which these profiles rest
PROFILES = (
    ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"),
    ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"),
    ("https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate", "1.0"),
)
SHA256 = "https://w3id.org/ro/terms/workflow-run#sha256"
KINDS = {bool: "Boolean", int: "Integer", float: "Float", str: "Text"}
FORMATS = {
    **{".csv": "text/csv", ".html": "text/html", ".json": "application/json", ".ipynb": "application/x-ipynb+json"},
    **{".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain", ".md": "text/markdown"},
}
LANGUAGE = {
    "@id": "#jupyter",
    "@type": "ComputerLanguage",
    "name": "Jupyter Notebook",
    "url": {"@id": "https://jupyter.org/"},
    "identifier": {"@id": "https://nbformat.readthedocs.io/"},
}
OUT = "run"  # the folder of the run in the crate


def write(verified: Verified, case: Case, file: Path) -> None:
    """Write a run with all that it was made of into a zip, which appears whole or not at all.

    Valid by Workflow Run Crate 0.5. Refuses a run of which a file of the case, a notebook or its own file has changed
    since, or cannot be told: the crate would hold something else than the run. Code and libraries are only named in it.
    """
    if importlib.util.find_spec("rocrate") is None:
        raise Refusal("--ro-crate needs rocrate, which cannot be imported: pip install 'casestudy[crate]'")
    if file.suffix != ".zip":
        raise Refusal(f"--ro-crate names a zip to write, such as run.zip: got {file}")
    others = [change.what for change in verified.changes if change.kind in ("file", "notebook", "output", "record")]
    if lost := others or verified.untold:
        raise Refusal(f"a crate of this run would hold other files than the run's ({lost[0]}); run again, then archive")
    if not verified.recorded.runs:
        raise Refusal(f"{verified.recorded.folder} holds no run of a notebook; there is nothing to archive")
    part = file.with_name(f".{file.name}.part")
    with file_access(f"write {file}", "name another file"):
        try:
            _Crate(verified, case).crate.write_zip(part)
            os.replace(part, file)
        finally:
            part.unlink(missing_ok=True)


class _Crate:
    """The crate of one verified run, put together part by part."""

    def __init__(self, verified: Verified, case: Case) -> None:
        from rocrate.model.computerlanguage import ComputerLanguage
        from rocrate.rocrate import ROCrate

        self.case, self.recorded = case, verified.recorded
        self.crate: ROCrate = ROCrate(version=VERSION)
        self.crate.metadata.extra_terms["sha256"] = SHA256
        self._root()
        self.inputs = self._files("data", self.recorded.files or {}, case.root)
        self.outputs = {
            name: self._file(f"{OUT}/{name}", self.recorded.folder / name, sha) for name, sha in self._out()
        }
        self.crate.add_file(self.recorded.folder / FILE, f"{OUT}/{FILE}", properties=_about(FILE))
        self.language = self.crate.add(ComputerLanguage(self.crate, LANGUAGE["@id"], properties=dict(LANGUAGE)))
        self.software = [self._software(*one) for one in sorted((self.recorded.libraries or {}).items())]
        self.software.append(self._software("casestudy", self.recorded.version))
        books = {book.stem: book for book in select(sorted({run.notebook for run in self.recorded.runs}), case)}
        hero = data.front(case).hero
        main = hero if hero in books else next(iter(books))
        for stem, book in books.items():
            self._workflow(stem, book.question, book.parameters, main=stem == main)

    def _out(self) -> list[tuple[str, str]]:
        return sorted(self.recorded.outputs.items())

    def _root(self) -> None:
        said, one = schema.package(self.case), self.recorded
        title = said.get("title") or said.get("name") or "a case"
        self.crate.name = f"A run of {title}"
        stems = sorted({run.notebook for run in one.runs})
        self.crate.description = f"{len(one.runs)} runs of {', '.join(stems)}, with their data, pages and results."
        self.crate.datePublished = one.made
        self.crate.license = self._licence(said.get("licenses"))
        for uri, name, version in PROFILES:
            about = {"@id": uri, "@type": "CreativeWork", "name": name, "version": version}
            self.crate.root_dataset.append_to("conformsTo", self.crate.add_jsonld(about))

    def _licence(self, said: Any) -> "Entity | str":
        """The case's first licence that has an address."""
        for one in said if isinstance(said, list) else ():
            if isinstance(one, dict) and isinstance(one.get("path"), str):
                name = str(one.get("title") or one.get("name") or one["path"])
                return self.crate.add_jsonld({"@id": one["path"], "@type": "CreativeWork", "name": name})
        return "No licence is stated in the case's datapackage.json."

    def _file(self, name: str, path: Path, sha: str) -> "Entity":
        return self.crate.add_file(path, name, properties=_about(name) | {"sha256": sha}, record_size=True)

    def _files(self, name: str, files: dict[str, str], root: Path) -> "Entity":
        """A dataset of what all notebooks read."""
        parts = [self._file(each, root / each, sha) for each, sha in sorted(files.items())]
        about = {
            "@id": f"#{name}",
            "@type": "Collection",
            "name": "The case's data, and what lies beside its notebooks",
        }
        whole = self.crate.add_jsonld(about)
        whole["hasPart"] = parts
        self.crate.root_dataset.append_to("mentions", whole)
        return whole

    def _software(self, name: str, version: str) -> "Entity":
        about = {"@id": f"#software-{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}
        return self.crate.add_jsonld(about)

    def _workflow(self, stem: str, question: str, parameters: dict[str, Parameter], main: bool) -> None:
        """A notebook as a workflow, with its parameters, and an action for each of its runs."""
        name = f"notebooks/{stem}.ipynb"
        about = _about(name) | {"name": question or stem, "sha256": (self.recorded.notebooks or {})[stem]}
        flow = self.crate.add_workflow(self.case.root / name, name, properties=about, main=main, lang=self.language)
        flow["softwareRequirements"] = self.software
        runs = [run for run in self.recorded.runs if run.notebook == stem]
        given = {one: self._parameter(stem, one, parameters.get(one), runs) for one in runs[0].parameters}
        read = self._formal(f"#{stem}-data", "data", "Collection", [self.inputs])
        made = [self.outputs[name] for run in runs for name in run.files]
        flow["input"] = [*given.values(), read]
        if made:
            flow["output"] = self._formal(f"#{stem}-files", "files", "File", made)
        for run in runs:
            self._action(run, flow)

    def _parameter(self, stem: str, name: str, known: Parameter | None, runs: list[Run]) -> "Entity":
        values = []
        for run in runs:
            about = {"@id": f"#{run.id}-{name}", "@type": "PropertyValue", "name": name, "value": run.parameters[name]}
            values.append(self.crate.add_jsonld(about | ({"unitText": known.unit} if known and known.unit else {})))
        kind = KINDS.get(type(runs[0].parameters[name]), "Text")
        about = {"description": "; ".join(filter(None, (known.unit, known.source)))} if known else {}
        return self._formal(f"#{stem}-{name}", name, kind, values, about)

    def _formal(
        self, id: str, name: str, kind: str, examples: "list[Entity]", about: dict[str, Any] | None = None
    ) -> "Entity":
        """A slot of a workflow, tied to what stood in it, both ways."""
        properties = {key: value for key, value in (about or {}).items() if value}
        slot = self.crate.add_formal_parameter(name, kind, id, valueRequired=False, properties=properties)
        slot["workExample"] = examples[0] if len(examples) == 1 else examples
        for each in examples:
            each.append_to("exampleOfWork", slot, compact=True)
        return slot

    def _action(self, run: Run, flow: "Entity") -> None:
        about = {"name": f"Run {run.id} of {run.notebook}", "endTime": self.recorded.made}
        ended = "CompletedActionStatus" if run.status == "ok" else "FailedActionStatus"
        about["description"] = f"With {assignments(run.parameters) or 'no parameters'}."
        about["actionStatus"] = f"http://schema.org/{ended}"
        values = [self.crate.dereference(f"#{run.id}-{name}") for name in run.parameters]
        made = [self.outputs[name] for name in run.files]
        action = self.crate.add_action(flow, f"#{run.id}", object=[*values, self.inputs], result=made, properties=about)
        self.crate.root_dataset.append_to("mentions", action)


def _about(name: str) -> dict[str, Any]:
    path = Path(name)
    return {"name": path.name, "encodingFormat": FORMATS.get(path.suffix, "application/octet-stream")}
