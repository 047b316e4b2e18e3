"""The rank correlation of track 3 and tiny_lm, as the protocol of docs/tiny_lm.md says.

PYTHONPATH=benchmarks python -m track3.analysis
PYTHONPATH=benchmarks python -m track3.analysis --runs FOLDER/runs.jsonl

Without runs it reads figures.csv beside it; with runs it first writes that file from them. It
prints the tables of docs/tiny_lm.md.
"""

import argparse
import csv
import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from track3.runs import RESULTS, Run, best_multipliers, losses, read

HERE = Path(__file__).parent
SAMPLES = 10_000
APART = (0.0, 0.02, 0.05, 0.10, 0.25, math.inf)
"""Bounds of how far apart the steps of two results are, as a share of the fewer ones."""


@dataclass(frozen=True)
class Result:
    """A result there, and its losses here, in bits per byte, by scale and instance; infinite where
    it diverged. An optimizer with `fixes_norms` decides the norms of matrices or rows itself."""

    number: int
    name: str
    steps: int
    family: str
    fixes_norms: bool
    multiplier: float
    losses: Mapping[str, Sequence[float]]

    def bits(self, scale: str) -> float:
        return sum(self.losses[scale]) / len(self.losses[scale])


def spearman(there: ArrayLike, here: ArrayLike) -> NDArray[np.float64]:
    """Rank correlation along the last axis, with mean ranks for ties; NaN where one side has no
    ranks."""
    a, b = (rankdata(side, axis=-1) for side in (there, here))
    a, b = a - a.mean(-1, keepdims=True), b - b.mean(-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        found: NDArray[np.float64] = (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    return found


def interval(there: ArrayLike, here: ArrayLike, seed: int = 0) -> tuple[float, float]:
    """95% percentile interval over bootstrap samples of the pairs."""
    pairs = np.array([there, here])
    n = pairs.shape[1]
    drawn = np.random.default_rng(seed).integers(n, size=(SAMPLES, n))
    low, high = np.nanpercentile(spearman(pairs[0][drawn], pairs[1][drawn]), (2.5, 97.5))
    return float(low), float(high)


def once_a_family(results: Sequence[Result]) -> list[Result]:
    """Each family by its member with the fewest steps."""
    best: dict[str, Result] = {}
    for result in sorted(results, key=lambda r: (r.steps, r.number)):
        best.setdefault(result.family or str(result.number), result)
    return list(best.values())


def held_out(results: Sequence[Result]) -> list[Result]:
    drawn = set(random.Random(20261127).sample(range(1, 47), 23))
    return [r for r in results if r.number in drawn]


def free_norms(results: Sequence[Result]) -> list[Result]:
    return [r for r in results if not r.fixes_norms]


def fewest_steps(results: Sequence[Result]) -> list[Result]:
    return sorted(results, key=lambda r: (r.steps, r.number))[: (len(results) + 1) // 2]


GROUPS: Mapping[str, Callable[[Sequence[Result]], Sequence[Result]]] = {
    "all": list,
    "once a family": once_a_family,
    "held-out half": held_out,
    "half with the fewest steps": fewest_steps,
    "norms not fixed (chosen afterwards)": free_norms,
}


def ordered(results: Sequence[Result], scale: str, low: float, high: float) -> tuple[int, int]:
    """Pairs that are in the same order here as there, and all that are so far apart there."""
    same = whole = 0
    for i, a in enumerate(results):
        for b in results[:i]:
            apart = abs(a.steps - b.steps) / min(a.steps, b.steps)
            if a.steps == b.steps or not low <= apart < high:
                continue
            whole += 1
            same += (a.bits(scale) < b.bits(scale)) == (a.steps < b.steps) and (
                a.bits(scale) != b.bits(scale)
            )
    return same, whole


def between_instances(results: Sequence[Result], scale: str) -> list[float]:
    """The rank correlation of each two instances of a scale."""
    columns = zip(*(r.losses[scale] for r in results), strict=True)
    return [float(spearman(a, b)) for a, b in itertools.combinations(columns, 2)]


def scales(results: Sequence[Result]) -> list[str]:
    """Those at which every result was measured."""
    return [s for s in RESULTS if all(s in r.losses for r in results)]


def tables(results: Sequence[Result]) -> str:
    shown = scales(results)
    lines = ["| results | n | " + " | ".join(f"`{s}`" for s in shown) + " |"]
    lines.append("| --- | --- |" + " --- |" * len(shown))
    for name, group in GROUPS.items():
        chosen = group(results)
        there = [r.steps for r in chosen]
        cells = []
        for scale in shown:
            here = [r.bits(scale) for r in chosen]
            low, high = interval(there, here)
            cells.append(f"{spearman(there, here):.2f} [{low:.2f}, {high:.2f}]")
        lines.append(f"| {name} | {len(chosen)} | " + " | ".join(cells) + " |")
    lines += ["", "| steps apart | pairs | " + " | ".join(f"`{s}`" for s in shown) + " |"]
    lines.append("| --- | --- |" + " --- |" * len(shown))
    for low, high in itertools.pairwise(APART):
        counts = [ordered(results, scale, low, high) for scale in shown]
        said = f"{low:.0%} to {high:.0%}" if high < math.inf else f"more than {low:.0%}"
        shares = [f"{same / whole:.0%}" if whole else "-" for same, whole in counts]
        lines.append(f"| {said} | {counts[0][1]} | {' | '.join(shares)} |")
    for one, other in itertools.combinations(shown, 2):
        agreed = spearman(*([r.bits(scale) for r in results] for scale in (one, other)))
        lines += ["", f"Between `{one}` and `{other}`: {agreed:.2f}."]
    for scale in shown:
        found = ", ".join(f"{r:.2f}" for r in between_instances(results, scale))
        lines += ["", f"Between instances of `{scale}`: {found or 'one instance'}."]
    return "\n".join([*lines, "", *ranking(results, shown)])


def ranking(results: Sequence[Result], shown: Sequence[str]) -> list[str]:
    """Every result with its rank there and its figure and rank here."""
    head = " | ".join(["#", "optimizer", "steps (rank)", "step size", *(f"`{s}`" for s in shown)])
    lines = [f"| {head} |", "| --- | --- | --- | --- |" + " --- |" * len(shown)]
    there = rankdata([r.steps for r in results])
    here = {s: rankdata([r.bits(s) for r in results]) for s in shown}
    for i in sorted(range(len(results)), key=lambda i: (results[i].steps, results[i].number)):
        r = results[i]
        cells = [f"{r.bits(s):.4f} ({here[s][i]:g})" for s in shown]
        start = f"| {r.number} | {r.name} | {r.steps} ({there[i]:g}) | x{r.multiplier:g} | "
        lines.append(start + " | ".join(cells) + " |")
    return lines


def write_figures(runs: Sequence[Run], file: Path) -> None:
    """The step size of each result, and by scale its losses, between spaces."""
    measured = {scale: losses(runs, scale) for scale in RESULTS}
    with file.open("w", newline="") as opened:
        lines = csv.writer(opened, lineterminator="\n")
        lines.writerow(["number", "multiplier", *RESULTS])
        for number, multiplier in sorted(best_multipliers(runs).items()):
            found = [measured[scale].get(number, []) for scale in RESULTS]
            cells = [" ".join(f"{loss:.6f}" for loss in each) for each in found]
            lines.writerow([number, f"{multiplier:g}", *cells])


def read_results(facts: Path, figures: Path) -> list[Result]:
    with facts.open() as opened:
        known = {int(row["number"]): row for row in csv.DictReader(opened)}
    with figures.open() as opened:
        rows = list(csv.DictReader(opened))
    found = []
    for row in rows:
        fact = known[int(row["number"])]
        measured = {s: [float(loss) for loss in row[s].split()] for s in RESULTS if row[s]}
        of = (int(row["number"]), fact["name"], int(fact["steps"]), fact["family"])
        found.append(Result(*of, fact["norms"] == "fixed", float(row["multiplier"]), measured))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path)
    arguments = parser.parse_args()
    figures = HERE / "figures.csv"
    if arguments.runs:
        write_figures(read(arguments.runs), figures)
    print(tables(read_results(HERE / "results.csv", figures)))


if __name__ == "__main__":
    main()
