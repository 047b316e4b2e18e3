"""Numbers that documents state are those of the code."""

from pathlib import Path

import pytest

from agent.cli.studies import DEFAULT_SEEDS
from agent.proposers import candidates, compose, evolution, forest, refinement, species
from agent.proposers.llm import asking, redaction, remote, researcher, service
from agent.report import event_command, live
from agent.study import device_choice, measurer, postgres, remembered, samplers
from agent.study.cluster import executor
from agent.verdict import aa_test, alpha, comparison_keys, interactions, transfer, variants
from agent.verdict.sequential import plan
from agent.verdict.transfer_record import MISSED
from helpers import ROOT
from helpers.pages import text_of
from tracks.isolation.limits import CALL_S
from tracks.registry import workloads
from tracks.rules import bare, literals
from tracks.suite.tiny_lm import TinyLM

WORDS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
]  # fmt: skip


def listed(numbers: list[str]) -> str:
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}"


SIZES = [f"{size}" for size, _ in plan(DEFAULT_SEEDS)]
SHARES = [f"{share:.0%}" for _, share in plan(DEFAULT_SEEDS)]
RANDOM = round(forest.POOL * forest.RANDOM)
STATED = {
    "docs/statistics.md": [
        f"share one alpha of {alpha.TOTAL:.0%}",
        f"a key of {comparison_keys.BYTES} random bytes",
        f"the first {comparison_keys.DIGITS} hexadecimal digits",
        f"after {listed(SIZES)} instances (`--seeds` sets the last) may spend {listed(SHARES)} of",
        f"gradients jittered by {aa_test.JITTER:.0%}",
    ],
    "docs/ablation.md": [
        f"on {', '.join(map(str, variants.SEEDS[:-1]))} or {variants.SEEDS[-1]} instances",
        f"at least {WORDS[round(variants.CLEAR)]} margins",
        f"a one-sided test at {variants.ALPHA:.0%}",
        f"{variants.MARGIN_STEPS:.0%} of the steps and at least two, "
        f"or {variants.MARGIN_LOG10} in log10 of the loss, or {variants.MARGIN_SHARE:.1%} of",
        f"Pairs of the {WORDS[interactions.MOST_PARTS]} most important parts",
        f"sequential test at {alpha.TOTAL * alpha.share(1):.2%}",
    ],
    "docs/transfer.md": [
        f"for {listed([f'{length:g}' for length in transfer.LENGTHS])} times",
        f"has the ratio {MISSED} on",
    ],
    "docs/search.md": [
        f"among {forest.POOL - RANDOM} children of the best specs and {RANDOM} random ones",
        f"one of the {WORDS[evolution.PARENTS]} best with one change",
        f"one of the {WORDS[refinement.PARENTS]} best complete trials of different parts",
        f"The first {WORDS[samplers.FIRST_DRAWS]} trials learn from no other trial",
        f"makes {WORDS[samplers.SCREENED]} candidates for a trial",
        f"{WORDS[samplers.ROUNDS].capitalize()} rounds of {WORDS[samplers.SCREENED]} candidates",
        f"the first of up to {WORDS[samplers.REFINED]} that",
        f"fewer than {WORDS[species.LEAST]} specs",
        f"if {WORDS[candidates.ENOUGH]} candidates of different parts",
        f"use {remembered.REMEMBERED:,} trials",
    ],
    "docs/researcher.md": [
        f"after {' and '.join(f'{pause:g}' for pause in remote.PAUSES_S)} seconds",
        f"again {WORDS[researcher.REST]} trials later",
        f"returned with its error, up to {['once', 'twice'][asking.REPAIRS - 1]}",
        f"take {service.LONGEST_S / 60:g} minutes and write {service.LONGEST_MESSAGE >> 20} MB",
        f"every piece of {redaction.WINDOW} letters",
        f"up to {['', 'half'][round(compose.SHARE * 2)]} of the budget",
    ],
    "docs/watching.md": [
        f"asks every {live.RENEW_S} seconds",
        f"within {live.ANYWAY_S} seconds",
        f"Up to {event_command.WAITING} events wait",
    ],
    "docs/rules.md": [
        f"A file of more than {bare.LONG:,} characters",
        f"more than {literals.FORBIDDEN:,} bytes of texts, numbers and names",
        f"more than {literals.PACKED_FORBIDDEN:,} bytes of code when packed",
    ],
    "SECURITY.md": [
        f"{literals.FORBIDDEN:,} bytes of texts, numbers and names",
        f"{literals.PACKED_FORBIDDEN:,} bytes of code when packed",
    ],
    "docs/gpu.md": [
        f"{device_choice.JOBS_PER_GPU} evaluations share a GPU if it has "
        f"{device_choice.JOB_BYTES / 1e9:g} GB for each",
    ],
    "docs/cluster.md": [
        f"PostgreSQL {postgres.LEAST} or newer",
        f"every {WORDS[round(executor.CHECK_S)]} seconds",
        f"tried {['once', 'twice'][executor.RETRIES - 1]} more",
    ],
    "docs/architecture.md": [
        f"fails {WORDS[measurer.MAX_FAILED_CONTROLS]} times in a row",
        f"again alone, up to {['once', 'twice'][measurer.MAX_BROKEN - 2]}",
    ],
    "docs/adding.md": [f"has not returned after {CALL_S:g} s"],
    "docs/tiny_lm.md": [f"the target is {TinyLM.target}."],
}
"""What each document has to say, with the numbers of the code."""


@pytest.mark.parametrize("name", STATED)
def test_a_document_has_the_numbers_of_the_code(name: str) -> None:
    text = " ".join(text_of(ROOT / name).split())
    assert [said for said in STATED[name] if said not in text] == []


def rows(path: Path, columns: int) -> dict[str, list[str]]:
    """Cells of a document's tables with that many columns, by their first; the first row counts."""
    found = [line.strip("| ").split(" | ") for line in text_of(path).splitlines()]
    return {cells[0]: cells[1:] for cells in reversed(found) if len(cells) == columns}


def test_the_table_of_workloads_has_their_steps() -> None:
    stated = rows(ROOT / "docs" / "transfer.md", 4)
    for workload in workloads():
        assert stated[f"`{workload.name}`"][-1] == str(workload.length)


def test_the_table_of_scales_has_steps_and_batches() -> None:
    stated = rows(ROOT / "docs" / "tiny_lm.md", 5)
    for name in ("full", "370k", "840k"):
        size = TinyLM.scales[name]
        assert stated[f"`{name}`"][1] == str(size.max_steps)
        assert stated[f"`{name}`"][2] == f"{size.batch_size} x {size.length}"
