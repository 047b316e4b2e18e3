"""What each part of a winner is worth."""

from agent.report.ablation import (
    ABLATION_HEADER,
    ablation_cells,
    explanation,
    interaction_section,
    simplification_line,
)
from agent.report.charts import Forest
from agent.report.section import Section, Table
from agent.verdict.ablation_record import Ablation


def ablation_section(ablation: Ablation) -> Section:
    rows = [
        (f"{row.name} ({row.scale})", row.delta, *row.interval, str(row.finding))
        for row in ablation.rows
        if row.interval and row.delta is not None
    ]
    title = f"Loss in {ablation.unit} when a part is removed; right of zero the part is helpful"
    forest = Forest(title, rows, ablation.unit, ablation.margin or 1e-3)
    interactions = interaction_section(ablation)
    return Section(
        "ablation",
        "Ablation: what each part is worth",
        [simplification_line(ablation)],
        charts=[forest] if rows else [],
        table=Table(ABLATION_HEADER, [ablation_cells(row) for row in ablation.rows]),
        notes=[explanation(ablation)],
        parts=[interactions] if interactions else [],
    )
