"""The arguments of the API: those of the command line, with their types checked."""

from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from agent.cli import inputs
from agent.cli.machine import MOST_MEMORY_MB
from agent.cli.options import LONGEST_RUN_S, known_track
from agent.cli.storage import stored_at
from agent.study.errors import UserError
from agent.study.samplers import SamplerName
from tracks.base import Objective, Track
from tracks.isolation.levels import Level
from tracks.procedure import TrainerName
from tracks.registry import UnknownTrackError
from tracks.submission import Submission
from tracks.track_file import TrackError
from tracks.workload import LONGEST

Optimizer = type | str | Path | Submission
"""A class of `torch.optim.Optimizer`, or the path of a file that defines `Submission`."""
Device = Literal["auto", "cpu", "cuda", "mps"]
Count = Annotated[int, Field(ge=1)]
Whole = Annotated[int, Field(ge=0)]
Folder = Annotated[Path, Field(strict=False), AfterValidator(Path.resolve)]
Sandbox = Annotated[Level, Field(strict=False)]
"""Also by its name."""
Share = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Texts = Annotated[list[str], BeforeValidator(lambda one: [one] if isinstance(one, str) else one)]
"""Also one alone."""


class MachineOptions(TypedDict, total=False):
    """What an evaluation may use; `workspace` is the folder with `runs/` and `submissions/`,
    `storage` the address of a ledger that is not in there."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[misc]

    workspace: str | Path
    storage: str
    device: Device
    timeout: Annotated[float, Field(gt=0, le=LONGEST_RUN_S)]
    memory_mb: Annotated[int, Field(ge=64, le=MOST_MEMORY_MB)]
    min_sandbox: Sandbox


class ParallelOptions(MachineOptions, total=False):
    """Of evaluations that run at once, here or on the workers of a scheduler."""

    jobs: Count
    executor: Literal["local", "dask"]
    scheduler: str
    tls: Folder


class ResumeOptions(ParallelOptions, total=False):
    """Options of `resume`, as `autoresearch run --help` explains them; times in seconds."""

    budget: Count
    max_time: Seconds
    patience: Count
    scale: str
    objective: Objective
    on_event: str
    event_env: Texts
    submissions: Annotated[list[Any], Field(strict=False)]
    """Optimizers to measure as trials: classes, or files."""
    proposer: Literal["optuna", "llm", "mixed", "external"]
    sampler: SamplerName
    screen: Count
    recipes: bool
    warm_start: bool
    compose: bool
    ladder: bool
    seed: Whole
    seeds: Annotated[int, Field(ge=3)]
    min_effect: Share
    ablation: bool
    transfer: bool
    margin: Share
    name: str
    commit: bool
    model: Texts
    max_usd: Share
    price: Texts
    model_env: Texts


class RunOptions(ResumeOptions, total=False):
    """Options of `run`: those of `resume`, and the name of the new study."""

    study: str


class EvaluateOptions(MachineOptions, total=False):
    """Options of `evaluate`, as `autoresearch eval --help` explains them."""

    settings: Mapping[str, Any]
    """Arguments of the constructor, where the optimizer is a class."""
    scale: str
    objective: Objective
    instance: str
    trainer: TrainerName
    eval_every: Count
    anyway: bool


class TransferOptions(ParallelOptions, total=False):
    """Options of `transfer`, as `autoresearch transfer --help` explains them."""

    settings: Mapping[str, Any]
    """Arguments of the constructor, where the optimizer is a class."""
    workload: list[str]
    draws: Count
    short: bool
    length: Annotated[int, Field(ge=2, le=LONGEST)]
    key: str


def submission_of(optimizer: Optimizer, settings: Mapping[str, Any]) -> Submission:
    """The file that is measured. Raises UserError."""
    if isinstance(optimizer, Submission):
        return optimizer
    if isinstance(optimizer, str | Path):
        if settings:
            raise UserError("settings are for a class; a file has its own numbers")
        return inputs.read_candidate(Path(optimizer))
    from torch.optim import Optimizer as Base

    from agent.study.class_source import class_source

    if isinstance(optimizer, type) and not issubclass(optimizer, Base):
        raise UserError(f"{optimizer.__name__} is no torch.optim.Optimizer")
    source = class_source(optimizer, settings)
    return Submission(source, f"{optimizer.__name__}.py")


def track_of(given: object) -> Track:
    """The track of this name, or in this file. Raises UserError."""
    if not isinstance(given, str | Path):
        raise UserError(f"track {_shown(given)}: expected the name of a track, or its file")
    return known_track(str(given))


def study_of(given: object) -> str:
    """The name of a study. Raises UserError."""
    if not isinstance(given, str):
        raise UserError(f"study {_shown(given)}: expected the name of a study")
    return given


@contextmanager
def working_in(folder: object, storage: str | None = None) -> Iterator[None]:
    """Work in the folder of a workspace, with the ledger there or at the address `storage`.

    Raises UserError where there is none, and for what turns out to be wrong with a track.
    """
    if not isinstance(folder, str | Path) or not Path(folder).is_dir():
        raise UserError(f"option workspace: {_shown(folder)}: expected a folder")
    try:
        with chdir(folder), stored_at(storage):
            yield
    except (TrackError, UnknownTrackError) as error:
        raise UserError(str(error)) from error


def checked(kind: Any, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options, of the types that were declared: no text is a number. Raises UserError."""
    try:
        return dict(TypeAdapter(kind).validate_python(dict(options)))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = f"option {where}: {first['msg'].lower()}"
        known = first["type"] != "extra_forbidden"
        raise UserError(f"{said}, not {_shown(first['input'])}" if known else said) from error


def _shown(given: object) -> str:
    """A value in one short line."""
    return " ".join(repr(given).split())[:60]


def chosen(record: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of the options that are fields of a record."""
    return {each.name: given[each.name] for each in fields(record) if each.name in given}
