"""`autoresearch leaderboard`: the published results, on one track or across all."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from agent.cli import inputs, output
from agent.cli.options import AIM, FULL, Json, Scale, Task, known_track
from agent.study.errors import UserError
from tracks.base import Objective, Track

if TYPE_CHECKING:
    from agent.knowledge.leaderboard import Entry
    from agent.knowledge.profile import Profile


OTHER_TASKS = "other tasks"
"""The column for `transfer`: steps of tuned AdamW over those of the submission."""


def leaderboard(
    track: Track | None = typer.Option(
        None,
        parser=known_track,
        metavar="TRACK",
        help="Track, by name or file [default: all, by a score across them].",
    ),
    objective: Objective | None = typer.Option(None, help=AIM),
    scale: Scale = FULL,
    as_json: Json = False,
) -> None:
    """Rank the submissions by their official results.

    Without a track: by a score across all tracks, which separates specialists from generalists.
    Other tasks: the steps of tuned AdamW over its own, as `autoresearch transfer` found them. A
    winner is listed once the branch of its study is merged. Confirmed elsewhere: on held-out
    instances of another track only. An example is confirmed and shipped to be read: a study here
    has another incumbent. Interval: the best and the worst official result with perturbed initial
    weights, where `autoresearch chaos` measured it.

    \b
    Examples:
      autoresearch leaderboard --track mqar
      autoresearch leaderboard
    """
    if track is None:
        content, title, header, cells = _across_tracks(objective, scale)
    else:
        content, title, header, cells = _on_one_track(Task(track, scale, objective))
    content["waiting"] = _waiting(track.name if track else None)
    output.show(as_json, content, title, header, cells)
    if not as_json:
        _say_below(track, content)


def _say_below(track: Track | None, content: Mapping[str, Any]) -> None:
    """What a table does not show."""
    for name in content.get("unknown_tracks", []):
        output.say(
            f"Results on {name} are left out, as no study here has a file of that track that "
            "can be read: autoresearch leaderboard --track FILE ranks them"
        )
    if not content["entries"]:
        from agent.knowledge.leaderboard import BASELINE

        where = f" on {track.name}" if track else ""
        output.say(f"Nothing is measured{where} yet: a verdict compares with {BASELINE}.")
    for name in content["outdated"]:
        output.say(
            f"{name} is left out: its result is of another version of the track's file; to list "
            "it, measure it again (`autoresearch eval --results-json`)"
        )
    for one in content["waiting"]:
        output.say(
            f"Confirmed winner {one['submission']} of study {one['study']} waits on a branch; "
            f"to list it: git merge {one['branch']}"
        )


Shown = tuple[dict[str, Any], str, list[str], list[list[str]]]
"""What `--json` prints, and a table: title, header and rows."""


def _on_one_track(task: Task) -> Shown:
    from agent.knowledge.leaderboard import by_version
    from agent.report.tables import if_target
    from agent.verdict.chaos_record import measured

    metric, aim, track = task.track.metric.name, task.aim, task.track.name
    perturbed = measured(inputs.workspace(), track)
    found, outdated = by_version(inputs.workspace(), track, aim, task.scale)
    intervals = [entry.interval(perturbed, aim) for entry in found]
    rows: list[dict[str, Any]] = [
        {
            "submission": entry.name,
            "score": entry.score(aim),
            "final": entry.result[f"final_eval_{metric}"],
            "steps_to_target": entry.result["steps_to_target"],
            "interval": [interval.best, interval.worst] if interval else None,
            "standing": entry.standing,
            "device": entry.result.get("device"),
            "sandbox": entry.result.get("sandbox"),
            "other_tasks": _other_tasks(entry),
            "date_utc": entry.result.get("date_utc"),
        }
        for entry, interval in zip(found, intervals, strict=True)
    ]
    cells = []
    for entry, row, interval in zip(found, rows, intervals, strict=True):
        steps = if_target(task.track, str(row["steps_to_target"] or "missed"))
        measured_at = [row["device"] or "-", (row["date_utc"] or "-")[:10]]
        about = [_label(entry), row["standing"], *measured_at]
        figures = [f"{row['final']:.9g}", *steps, str(interval or "-")]
        cells.append([row["submission"], *figures, *about])
    steps = if_target(task.track, "steps to target")
    about = [OTHER_TASKS, "standing", "device", "date"]
    header = ["submission", f"final {metric}", *steps, "interval", *about]
    content = {"track": track, "objective": aim, "entries": rows}
    content["outdated"] = [entry.name for entry in outdated]
    return content, f"{track} (official instance, by {aim})", header, cells


def _across_tracks(objective: Objective | None, scale: str) -> Shown:
    """Raises UserError where something is asked for that only one track has."""
    if objective or scale != FULL:
        raise UserError("--objective and --scale are of one track: give --track as well")
    from agent.knowledge.profile import across_tracks

    # studies know the files of tracks
    inputs.open_ledger(read_only=True).all()
    across = across_tracks(inputs.workspace())
    found = across.profiles
    title = "All tracks (cost as a multiple of the best; score: area under the profile)"
    header = ["submission", "score", *(found[0].ratios if found else ()), OTHER_TASKS, "verdict"]
    content = {
        "entries": [_row(profile) for profile in found],
        "unknown_tracks": across.unknown_tracks,
        "outdated": [f"{one.name} on {one.result['track']}" for one in across.outdated],
    }
    return content, title, header, [_cells(profile) for profile in found]


def _row(profile: "Profile") -> dict[str, Any]:
    missed = [track for track in profile.ratios if profile.missed(track)]
    ratios = {name: None if name in missed else r for name, r in profile.ratios.items()}
    return {
        "submission": profile.name,
        "score": profile.score,
        "ratios": ratios,
        "missed": missed,
        "other_tasks": _other_tasks(profile),
        "verdict": profile.verdict,
    }


def _cells(profile: "Profile") -> list[str]:
    ratios = [
        "missed" if profile.missed(track) else "-" if ratio is None else f"{ratio:.2f}"
        for track, ratio in profile.ratios.items()
    ]
    about = [_label(profile), profile.verdict]
    return [profile.name, f"{profile.score:.3f}", *ratios, *about]


def _other_tasks(one: "Entry | Profile") -> dict[str, float] | None:
    found = one.transfer
    return {"score": found.score, "specialist": found.specialist} if found else None


def _label(one: "Entry | Profile") -> str:
    found = one.transfer
    return f"{found.score:.2f}{', specialist' if found.specialist else ''}" if found else "-"


def _waiting(track: str | None) -> list[dict[str, str]]:
    """Confirmed winners that were committed to a branch and are not merged yet."""
    from agent.verdict.publication import publications

    workspace, found = inputs.workspace(), dict[str, dict[str, str]]()
    for study in inputs.open_ledger(read_only=True).all():
        if track not in (None, study.settings.track):
            continue
        for one in publications(study):
            folder = workspace.root / one.folder
            if one.branch and one.commit and not folder.exists():
                about = {"study": study.name, "branch": one.branch}
                found[one.folder] = {"submission": folder.name, **about}
    return list(found.values())
