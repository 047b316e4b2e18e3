"""What each part of a winner is worth, and which parts interact."""

from collections.abc import Sequence
from dataclasses import replace

from agent.report.charts import Forest
from agent.report.section import Section, Table, shown
from agent.verdict.ablation_record import Ablation, AblationRow, Finding, Interactions
from agent.verdict.figures import between, figure

PAIRS_SHOWN = 10
HEADER = ["part", "set to", "delta", "95% interval", "instances", "scale", "finding"]


def ablation_section(ablation: Ablation) -> Section:
    """Of a study's winner."""
    return _section(ablation, [simplification_line(ablation, "is what is published")])


def file_section(title: str, ablation: Ablation, about: Sequence[str]) -> Section:
    """Of a file that was ablated by itself; `about` says more of its parts and its runs."""
    lines = [f"{title}: {findings_line(ablation)}"]
    made = _section(ablation, [*lines, simplification_line(ablation, "may replace it")])
    return replace(made, notes=[*about, *made.notes])


def _section(ablation: Ablation, text: Sequence[str]) -> Section:
    rows = [
        (f"{row.name} ({row.scale})", row.delta, *row.interval, str(row.finding))
        for row in ablation.rows
        if row.interval and row.delta is not None
    ]
    title = f"Loss in {ablation.unit} when a part is removed; right of zero the part is helpful"
    explanation = (
        "Each part set to its neutral value, on the same held-out instances as the whole: three, "
        "and more (5, 8) while the part is inconclusive. First in smaller runs; the parts that are "
        "not clearly worth it there are removed together in full runs, and one by one only if that "
        f"costs something. Delta is the loss in {ablation.unit}, so a helpful part has a positive "
        f"one; a part is redundant if removing it costs less than {_margins(ablation)}. "
        "Intervals are for each part alone."
    )
    return Section(
        "ablation",
        "Ablation: what each part is worth",
        text,
        charts=[Forest(title, rows, ablation.unit, ablation.margin or 1e-3)] if rows else [],
        table=Table(HEADER, [ablation_cells(row) for row in ablation.rows]),
        notes=[explanation],
        parts=shown(_interactions(ablation.interactions, ablation))
        if ablation.interactions
        else [],
    )


def _margins(ablation: Ablation) -> str:
    """The margin; by scale where a smaller one has another, as it has where losses are larger."""
    by_scale = ablation.margins
    if len(set(by_scale.values()) | {ablation.margin}) == 1:
        return figure(ablation.margin)
    each = [f"{figure(margin)} at scale {scale}" for scale, margin in by_scale.items()]
    return f"{', '.join(each)}; the band of the chart is {figure(ablation.margin)}"


def ablation_cells(row: AblationRow) -> list[str]:
    part = f"{row.kind}: {row.part}"
    if row.interval is None or row.delta is None:
        failed = f"{row.finding}: {row.failed}"
        return [part, row.replaced_by, "-", "-", "-", row.scale, failed]
    delta, interval = figure(row.delta, "+.4g"), between(row.interval, ".4g")
    finding = row.finding + row.together_with
    return [part, row.replaced_by, delta, interval, str(row.seeds), row.scale, finding]


def findings_line(ablation: Ablation) -> str:
    """The parts by finding, in the order of the findings."""
    named = {
        finding: [r.name for r in ablation.rows if r.finding is finding] for finding in Finding
    }
    return "; ".join(f"{it}: {', '.join(names)}" for it, names in named.items() if names) + "."


def simplification_line(ablation: Ablation, kept: str) -> str:
    """What was taken out of the winner, whether that was confirmed, and what is `kept` then."""
    simplified = ablation.simplified
    if not (simplified and simplified.interval) or simplified.delta is None:
        return "No part could be taken out."
    delta = figure(simplified.delta, "+.4g")
    line = (
        f"Taken out: {', '.join(ablation.taken_out)}. Without them the result changes by "
        f"{delta} {ablation.unit} (95% interval {between(simplified.interval, '.4g')})."
    )
    stays = [
        row.name
        for index, row in enumerate(ablation.rows)
        if row.finding.removable and index not in simplified.parts
    ]
    if stays:
        line += (
            f" Without {', '.join(stays)} as well it was not shown to be as good, so that stays."
        )
    verdict = simplified.verdict
    if verdict and verdict.accepted:
        return f"{line} The simplified optimizer was confirmed, and {kept}."
    reason = verdict.reason if verdict else "not compared"
    return f"{line} The simplified optimizer was refused, and the whole one stays: {reason}."


def _interactions(measured: Interactions, ablation: Ablation) -> Section:
    """Pairs whose interval excludes zero, the largest first."""
    clear = sorted((p for p in measured.pairs if p.clear), key=lambda p: -abs(p.interaction or 0.0))
    text = (
        f"Pairs of parts removed together: {len(measured.pairs)}, at scale {measured.scale} on "
        f"{measured.seeds} held-out instances. Above zero, one stands in for the other; below, "
        f"neither does much alone. {len(clear)} of the 95% intervals exclude zero"
    )
    failed = sum(pair.interval is None for pair in measured.pairs)
    if failed:
        text += f"; {failed} have none, because a run failed or missed the target"
    rows = [
        [
            ablation.rows[pair.first].name,
            ablation.rows[pair.second].name,
            figure(pair.interaction, "+.4g"),
            between(pair.interval, ".4g"),
        ]
        for pair in clear[:PAIRS_SHOWN]
        if pair.interval and pair.interaction is not None
    ]
    table = Table(["part", "and", f"interaction ({measured.unit})", "95% interval"], rows)
    said = [f"{text}."] if measured.pairs else []
    return Section("interactions", "Interactions", said, table=table, brief=False)
