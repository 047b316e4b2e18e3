"""`autoresearch leaderboard`: the published results, on one track or across all."""

from typing import TYPE_CHECKING, Any

import typer

from agent.cli import inputs, output
from agent.cli.options import AIM, FULL, Json, Scale, Task, known_track
from tracks.base import Objective, Track

if TYPE_CHECKING:
    from agent.knowledge.profile import Profile


def leaderboard(
    track: Track | None = typer.Option(
        None,
        parser=known_track,
        metavar="NAME",
        help="Track [default: all, by a score across them].",
    ),
    objective: Objective | None = typer.Option(None, help=AIM),
    scale: Scale = FULL,
    as_json: Json = False,
) -> None:
    """Rank the submissions by their official results.

    Without a track: by a score across all of them, which tells specialists from generalists. A
    winner is listed once the branch of its study is merged.

    \b
    Examples:
      autoresearch leaderboard --track mqar
      autoresearch leaderboard
    """
    if track is None:
        _across_tracks(as_json)
    else:
        _on_one_track(Task(track, scale, objective), as_json)


def _on_one_track(task: Task, as_json: bool) -> None:
    from agent.knowledge.leaderboard import entries
    from agent.report.terminal_table import print_table

    metric, aim = task.track.metric.name, task.aim
    rows: list[dict[str, Any]] = [
        {
            "submission": entry.name,
            "score": entry.score(aim),
            "final": entry.result[f"final_eval_{metric}"],
            "steps_to_target": entry.result["steps_to_target"],
            "standing": entry.standing,
            "device": entry.result["device"],
            "sandbox": entry.result.get("sandbox"),
            "date_utc": entry.result["date_utc"],
        }
        for entry in entries(inputs.workspace(), task.track.name, aim, task.scale)
    ]
    if as_json:
        output.print_json({"track": task.track.name, "objective": aim, "entries": rows})
        return
    header = ["submission", f"final {metric}", "steps to target", "standing", "device", "date"]
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
    title = f"{task.track.name} (official instance, by {aim})"
    print_table(output.console(), title, header, cells)


def _across_tracks(as_json: bool) -> None:
    from agent.knowledge.profile import profiles
    from agent.report.terminal_table import print_table

    found = profiles(inputs.workspace())
    if as_json:
        output.print_json({"entries": [_row(profile) for profile in found]})
        return
    names = list(found[0].ratios) if found else []
    title = "All tracks (cost as a multiple of the best; score: area under the profile)"
    header = ["submission", "score", *names, "verdict"]
    print_table(output.console(), title, header, [_cells(profile) for profile in found])


def _row(profile: "Profile") -> dict[str, Any]:
    missed = [track for track in profile.ratios if profile.missed(track)]
    return {
        "submission": profile.name,
        "score": profile.score,
        "ratios": {name: None if name in missed else r for name, r in profile.ratios.items()},
        "missed": missed,
        "verdict": profile.verdict,
    }


def _cells(profile: "Profile") -> list[str]:
    ratios = [
        "missed" if profile.missed(track) else "-" if ratio is None else f"{ratio:.2f}"
        for track, ratio in profile.ratios.items()
    ]
    return [profile.name, f"{profile.score:.3f}", *ratios, profile.verdict]
