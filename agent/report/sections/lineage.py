"""How ideas spread: which parts were adopted by whom, and which trial took what from which."""

from collections.abc import Sequence

from agent.knowledge.adoption import Adoption, Use
from agent.knowledge.ideas import Ideas
from agent.knowledge.lineage import Step
from agent.report.section import Section, shown
from agent.report.sections.bounded import listed, minute, table_section


def adoption(data: Ideas, most: int) -> Section:
    rows = [
        [
            row.part,
            f"{row.winners} of {row.of}",
            str(row.trials),
            _use(row.first),
            listed([_use(use) for use in row.adopters]),
            _removed(row),
            listed(row.named),
        ]
        for row in data.adoption
    ]
    header = ["part", "winners", "trials", "first in", "adopted by", "removed in", "named by"]
    note = (
        "Parts of confirmed and pending optimizers. Adopted by: the first trial of every other "
        "proposer or study. Removed in: ablations of winners. Named by: submissions of others "
        "whose code has its name, which is no measurement."
    )
    return table_section("Adoption", note, header, rows, shown=most)


def _removed(row: Adoption) -> str:
    return f"{row.taken_out} of {row.winners}" if row.winners else "-"


def _use(use: Use | None) -> str:
    return f"{use.trial} by {use.by}, {minute(use.date)}" if use else "-"


def lineage(data: Ideas, most: int) -> Section:
    """What was built on what: improvements, what did not improve, and beginnings of a line."""
    titles = {True: "Improved on its parents", False: "Did not improve", None: "Without parents"}
    parts = [
        _steps(title, [step for step in data.lineage if step.improved is came], most)
        for came, title in titles.items()
    ]
    said = [len(part.table.rows) for part in parts if part.table]
    text = (
        "Trials that were proposed with a hypothesis. Results are one official evaluation each; "
        "sampled trials name no parents."
    )
    return Section(
        "ideas-lineage",
        "Lineage of ideas",
        [text] if any(said) else [],
        parts=shown(*parts),
        brief=False,
    )


def _steps(title: str, steps: Sequence[Step], most: int) -> Section:
    rows = [
        [
            minute(step.date),
            step.trial,
            step.by,
            step.hypothesis,
            f"{step.expected or 'not said'} ({step.bucket})",
            _took(step),
            step.before or "-",
            step.result,
        ]
        for step in steps
    ]
    header = ["date", "trial", "by", "hypothesis", "expected", "took", "before", "result"]
    return table_section(title, "", header, rows, shown=most)


def _took(step: Step) -> str:
    took = [": ".join(filter(None, (one.parent, ", ".join(one.parts)))) for one in step.taken]
    took = [f"from {parent}" for parent in took]
    new = [f"new: {', '.join(step.new)}"] if step.new else []
    lost = [f"without {', '.join(step.lost)}"] if step.lost else []
    return "; ".join([*took, *new, *lost]) or "-"
