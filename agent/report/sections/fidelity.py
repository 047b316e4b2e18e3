"""The result of `autoresearch fidelity`."""

from agent.report.section import Section, Table
from agent.verdict.fidelity import Fidelity
from tracks.registry import get_track


def fidelity_section(found: Fidelity) -> Section:
    """Each rung of the ladder, then every spec at every scale."""
    rungs = [
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
    kept = f"best of {found.best_of} kept"
    header = ["rung", "keeps", "Spearman", "of the better half", "times cheaper", kept]
    scales = [rung.scale for rung in found.rungs]
    values = [
        [name, _cell(value[found.scale]), *(", ".join(map(_cell, value[it])) for it in scales)]
        for name, value in found.values.items()
    ]
    each = Table(["spec", found.scale, *scales], values)
    return Section(
        "fidelity",
        found.track,
        [
            f"{found.specs} specs, each proxy on {found.instances} held-out "
            f"instance{'s' if found.instances > 1 else ''}, against "
            f"scale {found.scale}."
        ],
        table=Table(header, rungs),
        notes=[
            f"The whole ladder gives the best of {found.best_of} its full run in "
            f"{found.best_kept:.0%} of random draws, at {found.cost:.0%} of the time of "
            f"{found.best_of} full runs ({found.full_s:.1f} s each).",
            *_proposal(found),
        ],
        parts=[Section("specs", "Each spec", _what(found), table=each, brief=False)],
    )


def _what(found: Fidelity) -> list[str]:
    """What the values of specs are, where there are some."""
    if not found.values:
        return []
    track = get_track(found.track)
    loss = track.metric.signed_loss_name
    if track.objective == "final":
        return [f"The final {loss}: lower is better."]
    return [f"Steps to the target, and less than one more by the final {loss}: lower is better."]


def _proposal(found: Fidelity) -> list[str]:
    """What to write into a track that has no proxies yet."""
    if found.proposed is None:
        return []
    if not found.proposed:
        return ["None of these smaller runs ranks well enough to be a proxy: leave them out."]
    there = ", ".join(f'Proxy("{proxy.scale}", {proxy.keep:.2f})' for proxy in found.proposed)
    return [f'To use what ranks well, write into the track: proxies = {{"full": ({there},)}}']


def _correlation(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _cell(value: float | None) -> str:
    return "failed" if value is None else f"{value:.4g}"
