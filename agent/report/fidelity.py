"""The table of `autoresearch fidelity`."""

from agent.report.tables import table
from agent.verdict.fidelity import Fidelity


def header(found: Fidelity) -> list[str]:
    kept = f"best of {found.best_of} kept"
    return ["rung", "keeps", "Spearman", "of the better half", "times cheaper", kept]


def title(found: Fidelity) -> str:
    return (
        f"{found.track}: {found.specs} specs, each proxy on {found.instances} fresh "
        f"instances, against scale {found.scale}"
    )


def rows(found: Fidelity) -> list[list[str]]:
    return [
        [
            rung.scale,
            f"{rung.keep:.0%}",
            _correlation(rung.spearman),
            _correlation(rung.spearman_better_half),
            f"{rung.times_cheaper:.1f}",
            f"{rung.best_kept:.0%}",
        ]
        for rung in found.rungs
    ]


def summary(found: Fidelity) -> str:
    return (
        f"The whole ladder gives the best of {found.best_of} its full run in "
        f"{found.best_kept:.0%} of random draws, at {found.cost:.0%} of the time of "
        f"{found.best_of} full runs ({found.full_s:.1f} s each)."
    )


def section(found: Fidelity) -> str:
    """Markdown: the table, the summary, and what each spec was worth where."""
    scales = [rung.scale for rung in found.rungs]
    values = [
        [
            name,
            _cell(value[found.scale]),
            *(", ".join(map(_cell, value[scale])) for scale in scales),
        ]
        for name, value in found.values.items()
    ]
    return "\n\n".join(
        [
            f"## {found.track}",
            f"{title(found)}.",
            table(header(found), rows(found)),
            summary(found),
            table(["spec", found.scale, *scales], values),
            "",
        ]
    )


def _correlation(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _cell(value: float | None) -> str:
    return "failed" if value is None else f"{value:.4g}"
