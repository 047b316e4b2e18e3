"""A study's report as one HTML page that needs nothing from elsewhere."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from agent.proposers.llm.spending import spending_line
from agent.report import ablation as ablation_text
from agent.report import charts, details, ideas, markdown, sources, tables
from agent.report import verdict as verdict_text
from agent.report.figures import duration
from agent.verdict.removable import part_name
from agent.verdict.statistics import excludes_zero

PAGE, STYLE, SCRIPT = "page.html.j2", "page.css.j2", "page.js.j2"
POLICY = (
    "default-src 'none'; style-src {style}; script-src {script}; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""What the page may do: its own style and script, by their hashes, and its empty icon."""


def study_page(data: dict[str, Any]) -> str:
    """The whole page, from `report_data`. All text is escaped; charts are inline SVG."""
    environment = Environment(
        loader=PackageLoader("agent.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (environment.get_template(name).render() for name in (STYLE, SCRIPT))
    content = {
        "policy": Markup(POLICY.format(style=_hash(style), script=_hash(script))),
        "style": Markup(style),
        "script": Markup(script),
        "data": data,
        "verdict": data["verdict"],
        "ablation": data["ablation"],
        "headline": _with_code(markdown.headline(data).replace("**", "")),
        "standing": _standing(data),
        "figures": _figures(data),
        "charts": {name: Markup(svg) for name, svg in _charts(data).items()},
        "failures": details.failures(data),
        "source_header": sources.SOURCE_HEADER,
        "source_cells": sources.source_cells,
        "source_note": sources.SOURCE_NOTE,
        "expected": sources.expected(data),
        "expected_header": sources.EXPECTED_HEADER,
        "expected_cells": sources.expected_cells,
        "stacked_header": sources.STACKED_HEADER,
        "stacked_cells": sources.stacked_cells,
        "spending": spending_line(data["spending"]) if data["spending"] else "",
        "lineage": details.lineage(data),
        "colours": charts.COLOURS,
        "cells": ablation_text.ablation_cells,
        "number": tables.number,
        "ideas": ideas.sections(data["ideas"]) if data["ideas"]["trials"] else [],
        "ideas_title": ideas.title(data["ideas"]),
        "baseline_header": verdict_text.BASELINE_HEADER,
        "baseline_cells": verdict_text.baseline_cells,
        "baseline_note": verdict_text.baseline_note,
        "baseline_section": lambda data: _with_code(verdict_text.baseline_section(data)),
        "alpha_line": verdict_text.alpha_line,
        "test_line": verdict_text.test_line,
        "key_line": _with_code(
            verdict_text.key_line(data["verdict"] or {}, verdict_text.verdict_record(data))
        ),
        "likeness": markdown.likeness_line,
        "simplification": ablation_text.simplification_line,
        "publication": lambda record: _with_code(markdown.publication_line(record)),
    }
    return environment.get_template(PAGE).render(content)


def _hash(text: str) -> str:
    """A source of a Content-Security-Policy: this text, and no other."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _with_code(text: str) -> Markup:
    """Escaped, what stands between backticks set as code."""
    pieces = enumerate(text.split("`"))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if index % 2 else escape(piece)
        for index, piece in pieces
    )


def _standing(data: dict[str, Any]) -> str:
    if not data["verdict"]:
        return "open"
    return "accepted" if data["verdict"]["accepted"] else "refused"


def _figures(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Four numbers to read first, with what they are."""
    verdict, figures = data["verdict"], []
    if verdict and verdict["test"]:
        test = verdict["test"]
        figures += [
            (f"{test['mean']:+.3g} {verdict['unit']}", f"better than {verdict['incumbent']}"),
            (f"p = {test['p']:.2g}", f"on {len(verdict['pairs'])} fresh instances"),
        ]
    if data["best"]:
        best = data["best"][0]
        name = "steps to the target" if data["objective"] == "steps" else f"final {data['metric']}"
        value = best["steps_to_target"] if data["objective"] == "steps" else best["final"]
        shown = "missed" if value is None else tables.number(value)
        if verdict and verdict["accepted"]:
            shown = _official(data, verdict["official"]["challenger"])
        figures.append((shown, f"{name}, official instance"))
    spent = sum(data["stages_s"].values())
    trials = f"{data['finished']} of {data['budget']} trials"
    figures.append((duration(spent or data["evaluation_s"]), trials))
    return figures


def _official(data: dict[str, Any], score: float) -> str:
    """A score as its metric: losses of accuracies are told as accuracies."""
    accuracy = data["objective"] == "final" and data["metric"] == "accuracy"
    return tables.number(1 - score if accuracy else score)


def _charts(data: dict[str, Any]) -> dict[str, str]:
    made = {}
    complete = [row for row in data["trials"] if row["score"] is not None]
    steps = data["objective"] == "steps"
    loss = "error rate" if data["metric"] == "accuracy" else data["metric"]
    name = "steps to the target" if steps else f"final {loss}"
    log = not steps
    if complete:
        reference = _reference(data["verdict"])
        for key, x_name in (("trial", "trial"), ("ended_s", "seconds")):
            trials = [
                (float(row[key]), row["score"], f"trial {row['trial']} {row['label']}")
                for row in complete
                if row[key] is not None
            ]
            made[f"best_{key}"] = charts.best_so_far(
                trials, x_name, name, log=log, reference=reference
            )
    if data["curves"]:
        lines = [(f"trial {c['trial']} {c['label']}", c["points"]) for c in data["curves"]]
        old, new = data["incumbent"], data["winner"]
        accuracy = data["metric"] == "accuracy"
        made["curves"] = charts.curves(
            lines,
            data["metric"],
            log=not accuracy,
            target=data["target"],
            reference=(old["name"], old["curve"]) if old else None,
            winner=(new["name"], new["curve"]) if new else None,
        )
    if data["ablation"]:
        made |= _ablation_charts(data["ablation"])
    if data["importance"]:
        shares = [(key, share, f"{share:.0%}") for key, share in data["importance"].items()]
        made["importance"] = charts.bars(shares, 1.0)
    times = [
        (f"{name}", seconds, duration(seconds)) for name, seconds in details.times(data).items()
    ]
    if times:
        made["times"] = charts.bars(times)
    return made


def _reference(verdict: Mapping[str, Any] | None) -> tuple[str, float] | None:
    if not (verdict and verdict.get("official")):
        return None
    return verdict["incumbent"], float(verdict["official"]["incumbent"])


def _ablation_charts(ablation: dict[str, Any]) -> dict[str, str]:
    rows = [
        (
            f"{part_name(row)} ({row['scale']})",
            row["delta"],
            *row["interval"],
            str(row["finding"]),
        )
        for row in ablation["rows"]
        if row["interval"]
    ]
    made = {}
    if rows:
        made["forest"] = charts.forest(rows, ablation["unit"], ablation["margin"] or 1e-3)
    pairs = [pair for pair in ablation["interactions"]["pairs"] if pair["interval"]]
    if pairs:
        parts = ablation["interactions"]["parts"]
        place = {part: index for index, part in enumerate(parts)}
        cells = {
            (place[pair["first"]], place[pair["second"]]): (
                pair["interaction"],
                excludes_zero(pair["interval"]),
            )
            for pair in pairs
        }
        names = [part_name(ablation["rows"][part]) for part in parts]
        made["interactions"] = charts.heat_map(names, cells)
    return made
