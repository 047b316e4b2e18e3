"""`autoresearch status`: the studies of the workspace and their progress."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agent.cli import inputs, output
from agent.cli.options import Json

if TYPE_CHECKING:
    from agent.study.study import Study

HEADER = ["study", "track", "stage", "trials", "pruned", "failed", "best so far", "verdict"]
VERDICT = {None: "-", True: "accepted", False: "refused"}


def status(as_json: Json = False) -> None:
    """List the studies of this workspace and their progress.

    \b
    Example:
      autoresearch status
    """
    rows = progress()
    if rows or as_json:
        output.show(as_json, {"studies": rows}, "Studies", HEADER, map(_cells, rows))
    else:
        print("no studies yet; begin one with: autoresearch run --track mqar --budget 20")


def progress() -> list[Mapping[str, Any]]:
    """One record for each study of the workspace."""
    ledger = inputs.open_ledger(read_only=True)
    return [_row(study) for study in ledger.all()]


def _row(study: "Study") -> Mapping[str, Any]:
    from agent.study.progress import best_line
    from agent.verdict.verdict import Verdict

    counts, verdict = study.counts(), Verdict.of(study)
    return {
        "study": study.name,
        "track": study.settings.track,
        "objective": study.settings.objective,
        "stage": study.stage,
        "running": study.is_locked(),
        "budget": study.settings.budget,
        "finished": counts.finished,
        "pruned": counts.pruned,
        "failed": counts.failed,
        "best": best_line(counts.best) if counts.best else None,
        "accepted": verdict.accepted if verdict else None,
    }


def _cells(row: Mapping[str, Any]) -> list[str]:
    stage = row["stage"] + (" (running)" if row["running"] else "")
    counts = [f"{row['finished']}/{row['budget']}", str(row["pruned"]), str(row["failed"])]
    best, verdict = row["best"] or "-", VERDICT[row["accepted"]]
    return [row["study"], row["track"], stage, *counts, best, verdict]
