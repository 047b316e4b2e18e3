"""The ablation of a study in words and cells: each part, what was taken out, and pairs."""

from typing import Any

from agent.report.section import Section, Table
from agent.verdict.removable import part_name, removed_with
from agent.verdict.statistics import excludes_zero


def explanation(ablation: dict[str, Any]) -> str:
    return (
        "Each part set to its neutral value, on the same held-out instances as the winner: three, "
        "and more (5, 8) where those left open what the part is worth. First in smaller runs; the "
        "parts that are not clearly worth it there are removed together in full runs, and one by "
        "one only if that costs something. Delta is the loss in "
        f"{ablation['unit']}, so a part that helps has a positive one; a part is a barnacle if "
        f"taking it out costs less than {ablation['margin']:.3g}. Intervals are for each part by "
        "itself."
    )


ABLATION_HEADER = ["part", "set to", "delta", "95% interval", "instances", "scale", "finding"]


def ablation_cells(row: dict[str, Any]) -> list[str]:
    part = f"{row['kind']}: {row['part']}"
    if row["failed"]:
        failed = f"{row['finding']}: {row['failed']}"
        return [part, row["replaced_by"], "-", "-", "-", row["scale"], failed]
    low, high = row["interval"]
    delta, interval = f"{row['delta']:+.4g}", f"[{low:.4g}, {high:.4g}]"
    seeds, scale = str(row["seeds"]), row["scale"]
    finding = row["finding"] + removed_with(row)
    return [part, row["replaced_by"], delta, interval, seeds, scale, finding]


def simplification_line(ablation: dict[str, Any]) -> str:
    """What was taken out of the winner, and whether that was confirmed."""
    simplified = ablation["simplified"]
    if not simplified:
        return "No part could be taken out."
    names = ", ".join(part_name(ablation["rows"][index]) for index in simplified["parts"])
    low, high = simplified["interval"]
    line = (
        f"Taken out: {names}. Without them the result changes by {simplified['delta']:+.4g} "
        f"{ablation['unit']} (95% interval [{low:.4g}, {high:.4g}])."
    )
    stays = [
        part_name(row)
        for index, row in enumerate(ablation["rows"])
        if row["finding"] in ("hurts", "barnacle") and index not in simplified["parts"]
    ]
    if stays:
        line += f" Without {', '.join(stays)} as well it does worse, so that stays."
    verdict = simplified["verdict"]
    if verdict["accepted"]:
        return f"{line} The simpler optimizer was confirmed anew, and is what is published."
    return (
        f"{line} The simpler optimizer was refused, and the whole one stays: {verdict['reason']}."
    )


def interaction_section(ablation: dict[str, Any]) -> Section | None:
    """Pairs whose interval excludes zero, the largest first; None without pairs."""
    measured = ablation["interactions"]
    if not measured["pairs"]:
        return None
    clear = [p for p in measured["pairs"] if p["interval"] and excludes_zero(p["interval"])]
    clear.sort(key=lambda pair: -abs(pair["interaction"]))
    text = (
        f"{len(measured['pairs'])} pairs of parts removed together, at scale {measured['scale']} "
        f"on {measured['seeds']} held-out instances. Above zero, one stands in for the other; "
        f"below, neither does much alone. {len(clear)} of the 95% intervals exclude zero"
    )
    failed = sum(pair["interval"] is None for pair in measured["pairs"])
    if failed:
        text += f"; {failed} have none, because a run failed or missed the target"
    rows = [
        [
            part_name(ablation["rows"][pair["first"]]),
            part_name(ablation["rows"][pair["second"]]),
            f"{pair['interaction']:+.4g}",
            f"[{pair['interval'][0]:.4g}, {pair['interval'][1]:.4g}]",
        ]
        for pair in clear[:PAIRS_SHOWN]
    ]
    header = ["part", "and", f"interaction ({measured['unit']})", "95% interval"]
    table = Table(header, rows) if rows else None
    return Section("interactions", "Interactions", [f"{text}."], table=table, brief=False)


PAIRS_SHOWN = 10
