"""What the verdict keeps: worthless challengers over whole studies, and real effects by seeds.

    python benchmarks/power.py --studies 20000

Simulated differences go through the very code that decides. An effect is given in units of the
standard deviation of a difference between challenger and incumbent on one held-out instance.
"""

import argparse
from collections.abc import Callable

import numpy as np

from agent.report.tables import table
from agent.verdict.alpha import TOTAL, AlphaLedger, share
from agent.verdict.sequential import Decision, final_analysis, plan

Noise = Callable[[np.random.Generator, int], np.ndarray]
MOST = 13
NOISES: dict[str, Noise] = {
    "normal": lambda random, n: random.standard_normal(n),
    "light tails (uniform)": lambda random, n: random.uniform(-1, 1, n),
    "heavy tails (t, 5 degrees)": lambda random, n: random.standard_t(5, n) / np.sqrt(5 / 3),
    "heavy tails (t, 3 degrees)": lambda random, n: random.standard_t(3, n) / np.sqrt(3),
    "skewed against us (exponential - 1)": lambda random, n: random.standard_exponential(n) - 1,
    "skewed for us (1 - exponential)": lambda random, n: 1 - random.standard_exponential(n),
}
EFFECTS = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0)


def compare(noise: np.ndarray, level: float) -> tuple[bool, int]:
    """Whether the challenger is accepted, and after how many seeds the comparison ended."""
    answer = final_analysis(noise.tolist(), level)
    return answer.decision == Decision.ACCEPTED, answer.seeds


def null_studies(random: np.random.Generator, noise: Noise, studies: int, proposals: int) -> float:
    """The share of studies that promote anything, where each proposal is compared in its turn."""
    kept = 0
    for _ in range(studies):
        ledger = AlphaLedger()
        for number in range(proposals):
            if compare(noise(random, MOST), ledger.level(str(number)))[0]:
                kept += 1
                break
    return kept / studies


def best_of_many(random: np.random.Generator, noise: Noise, studies: int, proposals: int) -> float:
    """The same where the best proposal on one official instance alone is compared, as `run` does.

    A proposal's official result shares nothing with its held-out ones, so this is one comparison.
    """
    kept = 0
    for _ in range(studies):
        official = noise(random, proposals)
        fresh = noise(random, proposals * MOST).reshape(proposals, MOST)
        kept += compare(fresh[official.argmax()], AlphaLedger().level("best"))[0]
    return kept / studies


def power(random: np.random.Generator, effect: float, level: float, repeats: int) -> list[float]:
    """The chance to be accepted by 3, 5, 8 and 13 seeds, and the mean number of seeds."""
    ended = [compare(random.standard_normal(MOST) + effect, level) for _ in range(repeats)]
    by = [
        np.mean([accepted and seeds <= n for accepted, seeds in ended]).item()
        for n, _ in plan(MOST)
    ]
    return [*by, np.mean([seeds for _, seeds in ended]).item()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=4000, help="per cell of the power table")
    parser.add_argument("--proposals", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    random = np.random.default_rng(arguments.seed)
    studies, proposals = arguments.studies, arguments.proposals
    rows = []
    for name, noise in NOISES.items():
        rates = [
            best_of_many(random, noise, studies, proposals),
            null_studies(random, noise, studies, proposals),
        ]
        rows.append([name, *(f"{rate:.2%}" for rate in rates)])
    print(f"Studies of {studies} that promote one of {proposals} worthless proposals:\n")
    print(table(["noise", "the best is compared", "all are compared"], rows))
    print()
    header = ["effect", "comparison", "3 seeds", "5", "8", "13", "seeds used"]
    lines = []
    for effect in EFFECTS:
        for number in (1, 2, 5, 20):
            level = TOTAL * share(number)
            *by, used = power(random, effect, level, arguments.repeats)
            cells = [f"{chance:.3f}" for chance in by]
            lines.append([f"{effect:g}", str(number), *cells, f"{used:.1f}"])
    print(table(header, lines))


if __name__ == "__main__":
    main()
