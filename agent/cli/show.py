"""Verbs that show what there is: report, leaderboard, status, tracks."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agent.cli import common
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.study.study import Study

SCHEMA_VERSION = 1


def report(
    study: str = typer.Argument(..., help="Name of the study; `autoresearch status` lists them."),
    markdown: Path = typer.Option(None, help="Write the report to this file as Markdown."),
    html: Path = typer.Option(None, help="Write it to this file as one self-contained page."),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Show what came of a study: verdict, best trials, ablation, failures.

    \b
    Examples:
      autoresearch report mqar-1
      autoresearch report mqar-1 --html report.html
      autoresearch report mqar-1 --markdown report.md
    """
    from agent.report.data import report_data
    from agent.report.terminal import print_report

    ledger = common.open_ledger(read_only=True)
    data = report_data(ledger.open(study), ledger.all())
    if markdown:
        from agent.report.markdown import study_report

        _write("markdown", markdown, study_report(data))
    if html:
        from agent.report.html import study_page

        _write("html", html, study_page(data))
    if as_json:
        common.print_json(data)
    else:
        print_report(common.console(), data)


def _write(option: str, path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"--{option} {path}: {error.strerror}") from error


def leaderboard(
    track: str = typer.Option(
        None, "--track", help="Track [default: all, by a cross-track score]."
    ),
    objective: str = typer.Option(None, help="Rank by final or steps [default: the track's]."),
    scale: str = typer.Option("full", help="Size of the runs that count."),
    as_json: bool = typer.Option(False, "--json", help="Print the entries as JSON."),
) -> None:
    """List the submissions with an official result on a track, best first.

    Without a track: a score across all of them, which tells specialists from generalists.

    \b
    Examples:
      autoresearch leaderboard --track mqar
      autoresearch leaderboard
    """
    if track is None:
        _across_tracks(as_json)
        return
    from agent.knowledge.leaderboard import entries
    from agent.report.terminal_table import print_table

    known = common.known_track(track)
    aim = common.known_objective(objective, known)
    metric = f"final_eval_{known.metric.name}"
    rows: list[dict[str, Any]] = []
    for entry in entries(common.workspace(), track, aim, common.known_scale(scale, known)):
        rows.append(
            {
                "submission": entry.name,
                "score": entry.score(aim),
                "final": entry.result[metric],
                "steps_to_target": entry.result["steps_to_target"],
                "standing": entry.standing,
                "device": entry.result["device"],
                "sandbox": entry.result.get("sandbox"),
                "date_utc": entry.result["date_utc"],
            }
        )
    if as_json:
        content = {"schema_version": SCHEMA_VERSION, "track": track, "objective": aim}
        common.print_json(content | {"entries": rows})
        return
    header = ["submission", f"final {known.metric.name}", "steps to target"]
    header += ["standing", "device", "date"]
    cells = [
        [
            row["submission"],
            f"{row['final']:.9g}",
            str(row["steps_to_target"] or "missed"),
            row["standing"],
            row["device"],
            row["date_utc"][:10],
        ]
        for row in rows
    ]
    print_table(common.console(), f"{track} (official instance, by {aim})", header, cells)


def _across_tracks(as_json: bool) -> None:
    from agent.knowledge.profile import profiles
    from agent.report.terminal_table import print_table

    found = profiles(common.workspace())
    if as_json:
        rows = [
            {
                "submission": p.name,
                "score": p.score,
                "ratios": {t: None if p.missed(t) else ratio for t, ratio in p.ratios.items()},
                "missed": [track for track in p.ratios if p.missed(track)],
                "verdict": p.verdict,
            }
            for p in found
        ]
        common.print_json({"schema_version": SCHEMA_VERSION, "entries": rows})
        return
    tracks = list(found[0].ratios) if found else []
    cells = [
        [
            p.name,
            f"{p.score:.3f}",
            *(
                "missed" if p.missed(track) else "-" if ratio is None else f"{ratio:.2f}"
                for track, ratio in p.ratios.items()
            ),
            p.verdict,
        ]
        for p in found
    ]
    title = "All tracks (cost as a multiple of the best; score: area under the profile)"
    print_table(common.console(), title, ["submission", "score", *tracks, "verdict"], cells)


def status(
    as_json: bool = typer.Option(False, "--json", help="Print the studies as JSON."),
) -> None:
    """List the studies of this workspace and how far they are.

    \b
    Example:
      autoresearch status
    """
    from agent.report.terminal_table import print_table

    ledger = common.open_ledger(read_only=True)
    rows = [_study_row(ledger.open(name)) for name in ledger.names()]
    if as_json:
        common.print_json({"schema_version": SCHEMA_VERSION, "studies": rows})
        return
    if not rows:
        print("no studies yet; begin one with: autoresearch run --track mqar --budget 20")
        return
    header = ["study", "track", "stage", "trials", "pruned", "failed", "best so far", "verdict"]
    cells = [
        [
            row["study"],
            row["track"],
            row["stage"] + (" (running)" if row["running"] else ""),
            f"{row['finished']}/{row['budget']}",
            str(row["pruned"]),
            str(row["failed"]),
            row["best"] or "-",
            {None: "-", True: "accepted", False: "refused"}[row["accepted"]],
        ]
        for row in rows
    ]
    print_table(common.console(), "Studies", header, cells)


def tracks(
    as_json: bool = typer.Option(False, "--json", help="Print the tracks as JSON."),
) -> None:
    """List the benchmark tracks.

    \b
    Example:
      autoresearch tracks
    """
    from dataclasses import asdict

    from agent.report.terminal_table import print_table
    from tracks.registry import all_tracks

    known = [track for _, track in sorted(all_tracks().items())]
    if as_json:
        rows = [
            {
                "track": track.name,
                "summary": track.summary,
                "metric": track.metric.name,
                "target": track.target,
                "objective": track.objective,
                "eval_every": track.eval_every,
                "time_limit_s": track.time_limit_s,
                "scales": {name: asdict(scale) for name, scale in track.scales.items()},
                "proxies": {
                    name: [asdict(proxy) for proxy in proxies]
                    for name, proxies in track.proxies.items()
                },
            }
            for track in known
        ]
        common.print_json({"schema_version": SCHEMA_VERSION, "tracks": rows})
        return
    header = ["track", "metric", "target", "objective", "steps", "what it asks"]
    cells = [
        [
            track.name,
            track.metric.name,
            f"{track.target:g}",
            track.objective,
            str(track.scales["full"].max_steps),
            track.summary,
        ]
        for track in known
    ]
    print_table(common.console(), "Tracks", header, cells)


def _study_row(ledger: "Study") -> dict[str, Any]:
    from agent.search.climb import best_line

    best = ledger.best()
    verdict = ledger.read("verdict")
    return {
        "study": ledger.name,
        "track": ledger.settings.track,
        "objective": ledger.settings.objective,
        "stage": ledger.stage,
        "running": ledger.is_locked(),
        "budget": ledger.settings.budget,
        "finished": len(ledger.finished()),
        "pruned": len(ledger.pruned()),
        "failed": len(ledger.failed()),
        "best": best_line(best) if best else None,
        "accepted": verdict["accepted"] if verdict else None,
    }
