"""Options of `autoresearch run`: the study, the search and the verdict."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from agent.cli.options import (
    AIM,
    FULL,
    MARGIN,
    TRACK,
    finite,
    known_objective,
    known_scale,
    option,
    require_text,
    seconds,
)
from agent.cli.studies import DEFAULT_BUDGET, DEFAULT_SEEDS, MOST_TRIALS
from agent.study import samplers
from agent.study.errors import UserError
from agent.study.samplers import SamplerName
from tracks.base import Objective, Track


@dataclass(frozen=True)
class Target:
    """The study to create or to resume."""

    heading: ClassVar[str] = "Study"
    track: Track | None = option(**TRACK)
    budget: int | None = option(
        f"Trials to finish [default: {DEFAULT_BUDGET}, or the study's own].",
        min=1,
        max=MOST_TRIALS,
    )
    max_time: float | None = option(
        "Start no trial after this time: 90s, 30m or 2h.", parser=seconds, metavar="TIME"
    )
    patience: int | None = option(
        "End the search after this many trials in a row without a better one.", min=1
    )
    study: str | None = option(
        "Name of the new study [default: the track's, numbered].", metavar="NAME"
    )
    resume: str | None = option("Continue this study.", metavar="NAME")
    submission: list[Path] = option("Measure this file as a trial; repeatable.", default=list)
    scale: str | None = option(
        "Size of a run: small takes seconds [default: full].", metavar="NAME"
    )
    objective: Objective | None = option(AIM)
    on_event: str | None = option(
        "Run this at each event, with JSON on its standard input; '' for none.", metavar="COMMAND"
    )
    event_env: list[str] = option(
        "Environment variable that --on-event gets beside PATH and HOME; repeatable.",
        default=list,
        metavar="NAME",
    )

    def __post_init__(self) -> None:
        require_text("--resume", self.resume, "the name of a study; see `autoresearch status`")
        if self.resume and self.study:
            raise UserError(
                "--study and --resume exclude each other: one names a new study, one an old"
            )
        if not (self.resume or self.track):
            raise UserError("which track? give --track NAME (`autoresearch tracks` lists them)")
        if self.track:
            known_scale(self.scale or FULL, self.track)
            known_objective(self.objective or self.track.objective, self.track)


@dataclass(frozen=True)
class Search:
    """Where proposals come from."""

    heading: ClassVar[str] = "Search"
    proposer: Literal["optuna", "llm", "mixed", "external"] | None = option(
        "optuna: the search; llm: a model; mixed: both; external: only proposals handed in "
        "[default: optuna, or the study's own]."
    )
    sampler: SamplerName | None = option(
        "What learns from the trials: forest, parzen or evolution; bandit: the one of these three "
        f"with more recent success; Optuna's tpe; or random [default: {samplers.DEFAULT}]."
    )
    screen: int | None = option(
        "Candidates that are run together at the track's screen, a small scale; trials are chosen "
        "from them; 1 runs none "
        f"[default: {samplers.SCREENED}, where the track has such a scale].",
        min=1,
    )
    recipes: bool | None = option(
        "Try published recipes first [default: yes, but for llm and external]."
    )
    warm_start: bool | None = option(
        "Try the best of earlier studies of the track first [default: no]."
    )
    compose: bool | None = option(
        "Add techniques of `autoresearch survey` to the best trial [default: yes]."
    )
    ladder: bool | None = option(
        "Let small runs decide which proposals get a full run [default: yes]."
    )
    seed: int | None = option("Seed of the sampler [default: 0].", min=0)


@dataclass(frozen=True)
class Verdict:
    """How the best trial is confirmed, ablated and published."""

    heading: ClassVar[str] = "Verdict"
    seeds: int | None = option(
        f"Largest number of held-out instances [default: {DEFAULT_SEEDS}].", min=3
    )
    min_effect: float | None = option(
        "Accept only a larger effect, in steps, log10 of the loss or the metric [default: 0].",
        min=0,
        callback=finite,
    )
    ablation: bool | None = option(
        "Ablate an accepted winner and simplify it [default: yes].", "--ablation/--no-ablation"
    )
    transfer: bool | None = option(
        "Try an accepted winner on other tasks [default: yes].", "--transfer/--no-transfer"
    )
    margin: float | None = option(**MARGIN)
    name: str | None = option(
        "Name of the winner's folder [default: from its parts].", metavar="NAME"
    )
    commit: bool | None = option(
        "Commit a winner to a branch of its own [default: yes].", "--commit/--no-commit"
    )
