"""Every recipe on the workloads of `autoresearch transfer`: the table of `docs/transfer.md`.

Run it as
    python benchmarks/transfer.py > table.md
It takes about 30 minutes on two cores; `--only NAME...` asks for less, and `--files PATH...` adds
submissions.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.cli.machine import CpuMachine, measuring
from agent.report.tables import table
from agent.study.executor import Executor
from agent.study.progress import View
from agent.verdict.comparison import Contender
from agent.verdict.references.files import REFERENCES
from agent.verdict.transfer import OWN_LENGTH, Design, transfer
from agent.verdict.transfer_record import BAR, TransferRecord
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.registry import workloads
from tracks.submission import Submission, read_submission

KEY, DRAWS = "table of recipes", 1
HEADER = ["optimizer", "against AdamW", "against Muon", *(it.name for it in workloads()), "verdict"]


def candidates(only: Sequence[str], files: Sequence[Path]) -> Iterator[Contender]:
    for name, spec in RECIPES.items():
        if not only or name in only:
            yield name, Submission(render(spec, OWN_LENGTH), f"{name}.py")
    for path in files:
        submission = read_submission(path)
        yield submission.name, submission


def cells(name: str, found: TransferRecord) -> list[str]:
    """Means with their intervals, then the ratio to AdamW's steps on each workload."""
    ratios = []
    for row in found.rows:
        ratio = row.ratio(BAR)
        text = "-" if ratio is None else f"{ratio:.2f}"
        ratios.append("failed" if row.failure else "missed" if row.missed else text)
    means = [str(found.scores[reference]) for reference in REFERENCES]
    verdict = "specialist" if found.specialist else found.verdict.removeprefix("on other tasks ")
    return [name, *means, *ratios, verdict]


def measured(executor: Executor, view: View, given: Sequence[Contender]) -> list[TransferRecord]:
    design = Design(KEY, DRAWS, per_workload=False)
    return [transfer(executor, view, candidate, design) for candidate in given]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", default=[], choices=[*RECIPES], metavar="NAME")
    parser.add_argument("--files", nargs="*", default=[], type=Path, metavar="PATH")
    asked = parser.parse_args()
    given = list(candidates(asked.only, asked.files))
    with measuring(CpuMachine().on()) as (executor, view):
        found = measured(executor, view, given)
    both = sorted(
        zip((name for name, _ in given), found, strict=True), key=lambda it: -it[1].scores[BAR].mean
    )
    print(table(HEADER, [cells(name, record) for name, record in both]))
    times = {
        it.name: [row.seconds for r in found for row in r.rows if row.workload == it.name]
        for it in workloads()
    }
    print("\nSeconds of all runs of one optimizer and its references, on average:")
    print(table(["workload", "s"], [[n, f"{sum(s) / len(s):.0f}"] for n, s in times.items()]))


if __name__ == "__main__":
    main()
