"""Results of modded-nanogpt's track 3 on tiny_lm, by the protocol of docs/tiny_lm.md.

PYTHONPATH=benchmarks python -m track3.study --records FOLDER --out FOLDER

`--records` is the folder records/track_3_optimization of a clone of modded-nanogpt. Runs
one after the other in this process, unconfined, and adds a line for each to runs.jsonl in `--out`;
called again it goes on. A study of a proxy: these numbers rank no submission.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from track3.records import Entry, entries
from track3.runs import MULTIPLIERS, RESULTS, TUNING, Run, best_multipliers, read
from track3.stage import run


def planned(found: Sequence[Entry], done: Sequence[Run]) -> Iterator[tuple[Entry, str, float, str]]:
    """Every run of the protocol, in order; what depends on a choice only once it can be made."""
    for entry in found:
        for multiplier in MULTIPLIERS:
            yield entry, "quarter", multiplier, TUNING
    chosen = best_multipliers(done)
    for scale, instances in RESULTS.items():
        for entry in found:
            for instance in instances:
                if entry.number in chosen:
                    yield entry, scale, chosen[entry.number], instance


def measured(entry: Entry, scale: str, multiplier: float, instance: str) -> Run:
    started = time.process_time()
    bits = run(entry, scale, multiplier, instance)
    seconds = round(time.process_time() - started, 2)
    return Run(
        entry.number, scale, multiplier, instance, None if math.isinf(bits) else bits, seconds
    )


def work(found: Sequence[Entry], file: Path) -> bool:
    """Do what is left of the plan as far as it is known; whether there was something."""
    done = read(file)
    known = {(r.entry, r.scale, r.multiplier, r.instance) for r in done}
    left = [p for p in planned(found, done) if (p[0].number, *p[1:]) not in known]
    for number, what in enumerate(left, 1):
        result = measured(*what)
        with file.open("a") as lines:
            lines.write(json.dumps(vars(result)) + "\n")
        print(f"{number}/{len(left)}: {what[1]}, result {what[0].number}", flush=True)
    return bool(left)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    found = entries(arguments.records.resolve())
    while work(found, arguments.out.resolve() / "runs.jsonl"):
        pass


if __name__ == "__main__":
    main()
