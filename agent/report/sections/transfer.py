"""An optimizer on other tasks, beside the references."""

from collections.abc import Sequence

from agent.report.section import Section, Table
from agent.report.tables import duration
from agent.verdict.transfer_record import MISSED, TransferRecord, WorkloadRow

READING = (
    "Each figure is the number of steps in which a reference reaches the final loss of its whole "
    "run, over those of the optimizer, so above 1 the optimizer is faster; the geometric mean over "
    "the instances. {} One that takes more than twice the steps has missed it; that, or a failure, "
    f"counts as {MISSED}. The references have one setting for all workloads, tuned on other "
    "instances"
)
BEST_LENGTH = "Both count with the best length of their runs."
WHOLE_RUN = "A reference counts with its whole run, the optimizer with the best length of its runs."
FIXED = "Both count with their first step there."
PER_WORKLOAD = "; those tuned for each workload are shown to compare, and decide nothing"
OWN_LENGTH = (
    "The optimizer's constructor takes no max_steps, so the references have {} steps on every "
    "workload, in place of the workload's own number."
)


def transfer_section(name: str, found: TransferRecord) -> Section:
    """The mean over the workloads, then each of them."""
    references = list(found.scores)
    header = ["workload", "steps", *references, "note", "time"]
    rows = [_cells(row, references) for row in found.rows]
    if len(found.rows) > 1:
        whole = duration(sum(row.seconds for row in found.rows))
        rows.append(["mean [95%]", "-", *map(str, found.scores.values()), "-", whole])
    tried = _several(len(found.rows), "workload")
    each = _several(len(found.rows[0].draws), "held-out instance")
    size = "a quarter of the usual steps" if found.short else "full runs"
    fixed = [OWN_LENGTH.format(found.rows[0].length)] if found.own_length else []
    return Section(
        "transfer",
        "Other tasks",
        [f"{name}: {found.verdict}. {tried}, {each} of each, {size}."],
        table=Table(header, rows),
        notes=[f"{READING.format(_counted(found))}{'' if found.short else PER_WORKLOAD}.", *fixed],
    )


def _counted(found: TransferRecord) -> str:
    """Which steps count; a record of before 2026-11-29 has those of the optimizer alone."""
    known = any(draw.reference_steps for row in found.rows for draw in row.draws)
    if not known:
        return WHOLE_RUN
    return FIXED if found.own_length else BEST_LENGTH


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _cells(row: WorkloadRow, references: Sequence[str]) -> list[str]:
    ratios = [row.ratio(reference) for reference in references]
    cells = ["-" if ratio is None else f"{ratio:.2f}" for ratio in ratios]
    note = row.failure or ("missed" if row.missed else "-")
    return [row.workload, str(row.length), *cells, note, duration(row.seconds)]
