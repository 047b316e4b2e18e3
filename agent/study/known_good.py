"""A known-good optimizer, adamw: do the evaluation processes work, and how fast are they?"""

import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path

from agent.study.errors import MachineError
from agent.study.workspace import PACKAGED_SUBMISSIONS
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.base import Track
from tracks.evaluation import DIVERGING, Evaluation, State
from tracks.instance import Instance, official_instance
from tracks.isolation.errors import HarnessError
from tracks.procedure import Procedure
from tracks.registry import get_track, is_offered
from tracks.submission import Submission

CALIBRATION_S = 30.0
"""Time limit of a calibration; a longer run is extrapolated from its steps."""
Measure = Callable[[Submission, Instance, Procedure], Evaluation]


@cache
def known_good(max_steps: int) -> Submission:
    """adamw, for a run of `max_steps` steps."""
    return Submission(render(RECIPES["adamw"], max_steps), "adamw")


def smallest_scale(track: Track) -> str:
    return min(track.scales, key=lambda name: track.scales[name].train_samples)


def require_control(track: Track, procedure: Procedure, measure: Measure) -> None:
    """Raise HarnessError unless adamw trains at the smallest scale of the track."""
    scale = smallest_scale(track)
    submission = known_good(track.scales[scale].max_steps)
    evaluation = measure(submission, official_instance(track.name, scale), procedure)
    if not (evaluation.complete or evaluation.state in DIVERGING):
        raise HarnessError(f"adamw ends as {evaluation.state}: {evaluation.reason}")


def cause(error: BaseException) -> str:
    """An error in one line: its first line, and the last one of a traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first = lines[0].removesuffix("Traceback (most recent call last):").strip() if lines else ""
    return first if len(lines) < 2 else f"{first} {lines[-1]}"


def machine_error(error: BaseException, track: str) -> MachineError:
    """The error for when adamw fails as well."""
    return MachineError(
        f"the evaluation processes fail on this machine, with adamw as well: {cause(error)}; no "
        "submission is to blame and nothing is lost: free memory and processes or use fewer "
        f"--jobs, check with `{_check_of(get_track(track))}`, and give the same command again"
    )


def _check_of(track: Track) -> str:
    """The command that tries adamw; a workload or a probe is no track to evaluate on."""
    if not is_offered(track):
        return "autoresearch doctor"
    file = PACKAGED_SUBMISSIONS / "adamw" / "submission.py"
    file = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    on = ["--track", track.track_option, "--scale", smallest_scale(track)]
    return shlex.join(["autoresearch", "eval", *on, "--submission", str(file)])


def seconds_of(run: Callable[[float, Callable[[int], None]], Evaluation], max_steps: int) -> float:
    """Seconds of a whole run of adamw under the present load; 0 where it fails.

    `run` evaluates it under a limit in seconds and reports its steps.
    """
    done = 0

    def advanced(step: int) -> None:
        nonlocal done
        done = step

    evaluation = run(CALIBRATION_S, advanced)
    if evaluation.state is State.TIMEOUT:
        # steps are reported a hundred times a run
        return CALIBRATION_S * max_steps / max(done, max_steps / 100)
    return evaluation.duration_s if evaluation.complete else 0.0
