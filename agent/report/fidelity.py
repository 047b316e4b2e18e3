"""The table of `autoresearch fidelity`."""

from typing import Any

from agent.report.tables import table


def header(data: dict[str, Any]) -> list[str]:
    kept = f"best of {data['best_of']} kept"
    return ["rung", "keeps", "Spearman", "of the better half", "times cheaper", kept]


def title(data: dict[str, Any]) -> str:
    return (
        f"{data['track']}: {data['specs']} specs, each proxy on {data['instances']} fresh "
        f"instances, against scale {data['scale']}"
    )


def rows(data: dict[str, Any]) -> list[list[str]]:
    return [
        [
            rung["scale"],
            f"{rung['keep']:.0%}",
            _correlation(rung["spearman"]),
            _correlation(rung["spearman_better_half"]),
            f"{rung['times_cheaper']:.1f}",
            f"{rung['best_kept']:.0%}",
        ]
        for rung in data["rungs"]
    ]


def summary(data: dict[str, Any]) -> str:
    return (
        f"The whole ladder gives the best of {data['best_of']} its full run in "
        f"{data['best_kept']:.0%} of random draws, at {data['cost']:.0%} of the time of "
        f"{data['best_of']} full runs ({data['full_s']:.1f} s each)."
    )


def section(data: dict[str, Any]) -> str:
    """Markdown: the table, the summary, and what each spec was worth where."""
    scales = [rung["scale"] for rung in data["rungs"]]
    values = [
        [
            name,
            _cell(value[data["scale"]]),
            *(", ".join(map(_cell, value[scale])) for scale in scales),
        ]
        for name, value in data["values"].items()
    ]
    return "\n\n".join(
        [
            f"## {data['track']}",
            f"{title(data)}.",
            table(header(data), rows(data)),
            summary(data),
            table(["spec", data["scale"], *scales], values),
            "",
        ]
    )


def _correlation(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _cell(value: float | None) -> str:
    return "failed" if value is None else f"{value:.4g}"
