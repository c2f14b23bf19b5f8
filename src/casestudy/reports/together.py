"""Sets of a notebook that begin alike: what they have in common runs once, and they go on from there.

The first set of each branch is also run whole. Where it comes out otherwise, the notebook's sets run whole, those that
were handed out already included: what was taken for common was not.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from casestudy.reports.batch import Batch, Result
from casestudy.reports.executors.opening import Opened, Step
from casestudy.reports.sets import source
from casestudy.reports.sets.modules import Modules
from casestudy.reports.sets.outcome import ParameterSet, Sharing
from casestudy.reports.shared import branches
from casestudy.reports.shared.branches import FEWEST, Node, Trunk
from casestudy.reports.shared.needs import named, needs
from casestudy.reports.shared.watch import Uncommon

if TYPE_CHECKING:
    from casestudy.reports.shared.state import Begun

AT_ONCE = 2  # notebooks whose sets begin together at a time; each has one branch open for each cell where sets part
VARIES = "varies"  # what a common cell is told of a parameter that it must not depend on


async def share(batch: Batch, sets: Iterable[ParameterSet], tell: Callable[[str], None]) -> None:
    """Run every set; those that have cells in common together.

    tell: called with a line where a notebook's sets cannot begin together, or cannot any longer.
    """
    if not (isinstance(batch.executor, Sharing) and batch.executor.shares):
        tell("every set runs all its cells: there are no warm kernels here")
        return await batch.each(sets)
    several: dict[str, list[ParameterSet]] = {}
    alone: list[ParameterSet] = []
    for asked in sets:
        (several.setdefault(asked.notebook.stem, []) if asked.changed else alone).append(asked)
    groups = []
    for some in several.values():
        if trunk := _trunk(batch, some, tell):
            groups.append(Together(batch, trunk, some, tell))
        else:
            alone += some
    room = asyncio.Semaphore(AT_ONCE)
    for group in groups:
        batch.spawn(group.run(room))
    return await batch.each(alone)


def _trunk(batch: Batch, sets: list[ParameterSet], tell: Callable[[str], None]) -> Trunk | None:
    """What sets of one notebook may have in common, as far as its text tells; None where that is nothing."""
    notebook = sets[0].notebook
    if len(sets) < FEWEST:
        return None
    path = batch.case.notebooks / notebook.path.name
    try:
        cells = source.glance(path)[0].cells
    except source.Unreadable:
        return None  # which each set says of itself
    at = next((at for at, cell in enumerate(cells) if source.PARAMETERS in source.tags(cell)), None)
    if at is None:
        return None
    injected = deepcopy(cells[at])  # where papermill will put the cell that changes parameters
    injected.source, injected.metadata["tags"] = "pass", [source.INJECTED]
    cells.insert(at + 1, injected)
    varied = tuple(n for n in notebook.parameters if len({repr(one.values[n]) for one in sets}) > 1)
    _, texts = Modules.of(batch.case).reached(path)
    trunk = Trunk(cells, varied, needs(cells, varied, (texts or [])[1:]))
    if trunk.needs.why and not trunk.parts():
        number = trunk.number(trunk.needs.stop)
        tell(f"{notebook.stem}: cell {number} cannot run once for several sets: {trunk.needs.why}")
    return trunk if trunk.parts() else None


@dataclass
class Together:
    """The sets of one notebook."""

    batch: Batch
    trunk: Trunk
    sets: list[ParameterSet]
    tell: Callable[[str], None]

    def __post_init__(self) -> None:
        notebook = self.sets[0].notebook
        self.stem, self.named = notebook.stem, named(self.trunk.cells, list(notebook.parameters))
        self.whole: dict[str, Result] = {}  # of sets that ran whole, by their id
        self.handed: list[ParameterSet] = []  # those that began together
        self.other = ""  # where one of them came out otherwise

    async def run(self, room: asyncio.Semaphore) -> None:
        """All of them."""
        async with room:
            first, start = self.sets[0], time.monotonic()
            whole = asyncio.get_running_loop().create_task(self._whole(first))
            beginning = asyncio.get_running_loop().create_task(self._open_first())
            try:
                opened = await beginning
                if not self._may_pay(opened, time.monotonic() - start):
                    if opened:
                        opened.close()
                    self.batch.spawn(self.batch.each(self.sets[1:]))
                    await whole
                    return None
                went = await whole
            finally:
                beginning.cancel()
                whole.cancel()
            if not went or went[0].error:
                if opened:
                    opened.close()
                return await self.batch.each(self.sets[1:])
            seconds = branches.took(went[1], self.stem)
            nodes = branches.grow(self.trunk, self.sets, seconds, went[0].seconds)
            within = {one.id for node in nodes for one in _all(node)}
            self.batch.spawn(self.batch.each(one for one in self.sets[1:] if one.id not in within))
            if opened and [(node.start, node.stop) for node in nodes] != [(0, self.trunk.levels()[0])]:
                opened.close()
                opened = None
            for node in nodes:
                await self._node(node, None, opened)
        return None

    def _may_pay(self, opened: Opened | None, so_far: float) -> bool:
        """Whether it is worth to wait for the first set, which has taken so long already, before others begin."""
        if not self.trunk.parts():
            return False
        only = len(self.trunk.levels()) == 1 and opened
        return not only or branches.pays(len(self.sets), only.seconds, so_far)

    async def _open_first(self) -> Opened | None:
        """A state at the first cell that needs what varies, while nobody knows yet whether it is worth it."""
        while self.trunk.begins():
            try:
                return await self._open(Node(0, self.trunk.levels()[0], self.sets), None)
            except Uncommon as why:
                if not self._cut(why):
                    return None
        return None

    def _cut(self, why: Uncommon) -> bool:
        """Leave out, from here on, a cell that turned out not to be common; whether something is left."""
        place = (
            f"cell {self.trunk.number(why.cell)} cannot run once for several sets: it {why.why}"
            if why.cell >= 0
            else why.why
        )
        self.tell(f"{self.stem}: {place}")
        self.trunk = self.trunk.until(max(why.cell, 0), why.why)
        return why.cell >= 0

    async def _open(self, node: Node, above: "Begun | None") -> Opened:
        trunk, one = self.trunk, node.some()
        left = trunk.open(node.stop)
        known = {name: value for name, value in one.values.items() if name not in left}
        changed = {name: value for name, value in one.changed.items() if name in known}
        number = trunk.injected
        texts = {place: trunk.cells[place].source for place in trunk.code(node.start, node.stop)}
        if number in texts:
            texts[number] = source.assignments(changed) or "pass"
        given = {name: known[name] for name in (above.varied if above else ()) if name in known}
        step = Step(
            root=str(self.batch.case.root),
            stem=self.stem,
            cells=tuple((place, text, trunk.seeded(place)) for place, text in texts.items()),
            given=given,
            injected=number,
            varied=left,
            fixed=known,
            changed=changed | {name: VARIES for name in left},
            named=self.named,
        )
        executor: Any = self.batch.executor  # which is Sharing
        opened: Opened = await asyncio.wrap_future(executor.begin(step, above, self.batch.seconds))
        return opened

    async def _node(self, node: Node, above: "Begun | None", opened: Opened | None = None) -> "asyncio.Task[None]":
        """Open a state, hand on all sets below it; the task ends when these have, and it is closed."""
        try:
            opened = opened or await self._open(node, above)
        except Uncommon as why:
            self._cut(why)
            return self.batch.spawn(self.batch.each(_all(node)))
        waiting: list[asyncio.Task[None]] = []
        try:
            for below in node.below:
                waiting.append(await self._node(below, opened.begun))
            if node.sets and await self._proved(node.sets[0], opened.begun):
                for asked in node.sets[1:]:
                    future = await self.batch.submit(asked, None if self.other else opened.begun)
                    waiting.append(self.batch.spawn(self._collect(asked, future)))
            else:
                await self.batch.each(one for one in node.sets if one.id not in self.whole)
        except BaseException:
            opened.close()
            raise
        return self.batch.spawn(_closed(opened, waiting))

    async def _whole(self, asked: ParameterSet) -> Result | None:
        if asked.id not in self.whole:
            if (found := await self.batch.result(asked, await self.batch.submit(asked))) is None:
                return None
            self.whole[asked.id] = found
            self.batch.hand_out(*found)
        return self.whole[asked.id]

    async def _proved(self, asked: ParameterSet, begun: "Begun") -> bool:
        """Whether a set comes out alike from a state and as a whole; what is handed out ran whole."""
        if self.other:
            return False
        whole, future = asyncio.ensure_future(self._whole(asked)), await self.batch.submit(asked, begun)
        went = await whole
        try:
            shared = await future
        except Exception:
            return False  # the state is gone, or the worker
        if went is None or went[0].error:
            return False
        if shared[0].error:
            self.other = f"a set that began together with others failed ({shared[0].error})"
        elif place := branches.difference(went[1], shared[1], self.stem):
            self.other = f"{place} came out otherwise where sets began together"
        if self.other:
            self.tell(f"{self.stem}: {self.other}; all of its sets run whole")
            for one in self.handed:
                self.batch.spawn(self._again(one))
        self.whole[asked.id] = (went[0], {})
        return not self.other

    async def _collect(self, asked: ParameterSet, future: "asyncio.Future[Result]") -> None:
        """What came of a set that began from a state; if anything went wrong it runs whole, and says so itself."""
        with suppress(Exception):
            outcome, files = await future
            if not outcome.error and not self.other:
                self.handed.append(asked)
                return self.batch.hand_out(outcome, files)
        return await self.batch.each([asked])

    async def _again(self, asked: ParameterSet) -> None:
        if (found := await self.batch.result(asked, await self.batch.submit(asked))) is not None:
            self.batch.hand_out(replace(found[0], again=True), found[1])


async def _closed(opened: Opened, waiting: list["asyncio.Task[None]"]) -> None:
    await asyncio.gather(*waiting, return_exceptions=True)
    opened.close()


def _all(node: Node) -> list[ParameterSet]:
    return node.sets + [one for below in node.below for one in _all(below)]
