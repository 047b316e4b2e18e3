"""Tables and the plot of finished searches."""

import math
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from agent.report.tables import table
from searches.cases import Case
from searches.outcome import Search

AFTER = (25, 50, 100)
RESAMPLES = 2000


def interval(values: Sequence[float]) -> tuple[float, float]:
    """95% bootstrap interval of the median, by percentiles."""
    draw = np.random.default_rng(0)
    drawn = draw.choice(np.array(values), (RESAMPLES, len(values)))
    low, high = np.quantile(np.median(drawn, axis=1), (0.025, 0.975), method="nearest")
    return float(low), float(high)


def described(values: Sequence[float]) -> str:
    """The median with its interval."""
    low, high = interval(values)
    return f"{statistics.median(values):.4g} [{low:.4g}, {high:.4g}]"


def reached(searches: Sequence[Search], level: float) -> str:
    """Median trials and seconds to a level; a search that missed it counts as infinity."""
    hits = [search.reached(level) for search in searches]
    trials = statistics.median_low([hit[0] if hit else math.inf for hit in hits])
    seconds = statistics.median_low([hit[1] if hit else math.inf for hit in hits])
    count = f"({sum(hit is not None for hit in hits)}/{len(hits)})"
    plural = "" if trials == 1 else "s"
    shown = f"{trials:g} trial{plural}, {seconds:.0f} s"
    return f"{'-' if math.isinf(trials) else shown} {count}"


def summary(case: Case, searches: Sequence[Search]) -> str:
    """One line an arm, in the order of its median at the end."""
    after = [trials for trials in AFTER if trials <= case.trials]
    header = ["arm", "searches", *(f"best after {trials}" for trials in after)]
    header += [f"up to {level:g}" for level in case.levels]
    header += ["measured, a trial", "proposer, a trial"]
    rows = []
    for name, mine in by_arm(searches, key=lambda found: best(found, after[-1])):
        cells = [described([best([one], trials) for one in mine]) for trials in after]
        cells += [reached(mine, level) for level in case.levels]
        every = [row for one in mine for row in one.rows]
        cells += [f"{statistics.mean(row.measured_s for row in every):.2f} s"]
        cells += [f"{statistics.mean(row.proposer_s for row in every):.3f} s"]
        rows.append([name, str(len(mine)), *cells])
    return f"{case.name}, {case.trials} trials:\n\n{table(header, rows)}\n"


def best(searches: Sequence[Search], trials: int) -> float:
    """The median over searches of the best value; infinity where a search has none."""
    found = (search.best(trials) for search in searches)
    return statistics.median(math.inf if value is None else value for value in found)


def by_arm(
    searches: Sequence[Search], key: Callable[[Sequence[Search]], float]
) -> list[tuple[str, list[Search]]]:
    arms: dict[str, list[Search]] = {}
    for search in searches:
        arms.setdefault(search.arm, []).append(search)
    return sorted(arms.items(), key=lambda item: key(item[1]))


def plot(cases: Sequence[tuple[Case, Sequence[Search]]], path: Path) -> None:
    """The median best value after each trial, one panel a case and one line an arm."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "autoresearch"
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(cases), figsize=(5 * len(cases), 4), squeeze=False)
    for axes, (case, searches) in zip(panels[0], cases, strict=True):
        for name, mine in sorted(by_arm(searches, key=len)):
            trials = range(1, case.trials + 1)
            line = [best(mine, count) for count in trials]
            drawn = [value if math.isfinite(value) else math.nan for value in line]
            axes.step(trials, drawn, where="post", label=name)
        axes.set_yscale("log")
        axes.set_xlabel("trials")
        axes.set_title(f"{case.name}: median of the best so far")
        axes.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
