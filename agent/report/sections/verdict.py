"""The verdict of a study, and its comparison with tuned baselines."""

from typing import Any

from agent.report.section import Section, Table
from agent.report.tables import sentence
from agent.report.verdict import (
    BASELINE_HEADER,
    baseline_note,
    baseline_table,
    before_line,
    key_line,
    test_line,
)
from agent.verdict.effect import official_texts, pair_texts
from agent.verdict.verdict import Verdict


def verdict_section(verdict: Verdict, record: str, alpha: str = "") -> Section:
    """`record` is the file by which its instances can be computed again."""
    text = [
        f"{verdict.challenger} against {verdict.incumbent}: {verdict.reason}.",
        before_line(verdict),
    ]
    rows = [
        [str(index), *texts, pair.drawn_from]
        for index, (texts, pair) in enumerate(zip(pair_texts(verdict), verdict.pairs, strict=True))
    ]
    if rows and verdict.official:
        rows.insert(0, ["official", *official_texts(verdict), "public seeds"])
    header = ["instance", verdict.challenger, verdict.incumbent, "drawn from"]
    notes = [
        test_line(verdict),
        f"Both ran in a sandbox of level {verdict.sandbox}." if verdict.sandbox else "",
        key_line(verdict, record),
        alpha,
    ]
    return Section(
        "verdict",
        "Verdict",
        [line for line in text if line],
        table=Table(header, rows) if rows else None,
        notes=[line for line in notes if line],
    )


def baseline_section(data: dict[str, Any]) -> Section | None:
    """The winner against known optimizers that were tuned with as many trials."""
    if not (data["verdict"] and data["verdict"]["accepted"]):
        return None
    rows = baseline_table(data)
    none = (
        "No baseline was tuned with as many trials, so this says nothing of tuned AdamW or Muon. "
        f"Tune them with `{data['baseline_command']}`, then "
        f"`autoresearch run --resume {data['study']}`."
    )
    return Section(
        "baselines",
        "Comparison with tuned baselines",
        [sentence(baseline_note(data)) if rows else none],
        table=Table(BASELINE_HEADER, rows) if rows else None,
    )
