"""Measurements as Markdown."""

from measure import Cost, median


def read(runs: dict[str, list[dict]]) -> dict[str, Cost]:
    """Medians by tool, from the kept measurements."""
    return {name: median(Cost(one["cpu"], one["wall"], one["kernel"]) for one in some) for name, some in runs.items()}


def paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def told_lines(told: list[str]) -> str:
    """What must be told, as a list."""
    return "\n".join(f"- {line}" for line in told)


def table(head: list[str], rows: list[list]) -> str:
    """A Markdown table; numbers to three digits, the first column words."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *([_shown(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def costs_head(each: str = "a set") -> list[str]:
    return ["", "rounds", "CPU, s", "kernel's account, s", "wall, s", "CPU, times", "wall, times", f"CPU {each}, s"]


def cost_rows(costs: dict[str, Cost], runs: dict[str, list], base: str, count: int) -> list[list]:
    """One row a tool, with ratios to `base`; the last column divides the CPU by `count`."""
    rows = []
    for name, cost in costs.items():
        ratios = [cost.cpu / costs[base].cpu, cost.wall / costs[base].wall] if base in costs else [None, None]
        rows.append([name, len(runs[name]), cost.cpu, cost.kernel, cost.wall, *ratios, cost.cpu / count])
    return rows


def costs_table(costs: dict[str, Cost], runs: dict[str, list], base: str, count: int, each: str = "a set") -> str:
    return table(costs_head(each), cost_rows(costs, runs, base, count))


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 999.5 else f"{cell:.3g}" if cell else "0"
    return "-" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell)


def verdict(what: str, value: float | None, *, least: float | None = None, most: float | None = None) -> str:
    """One line: the target, the value, reached or not."""
    if value is None:
        return f"- {what}: not measured."
    reached = value >= least if least is not None else value <= most
    bound = f"at least {least:,g}" if least is not None else f"at most {most:,g}"
    return f"- {what}: {_shown(float(value))}, the target being {bound}. {'Reached' if reached else '**Not reached**'}."
