"""The study that a verb creates or continues."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from agent.cli import inputs
from agent.cli.options import FULL, known_scale
from agent.study.errors import UserError
from tracks import device as devices
from tracks.base import Objective, Track

if TYPE_CHECKING:
    from agent.study.ledger import Ledger
    from agent.study.settings import SamplerName
    from agent.study.study import Study

DEFAULT_BUDGET, DEFAULT_SEEDS = 50, 13


@dataclass(frozen=True)
class Asked:
    """Settings asked for; None is the default in a new study and no change in a resumed one."""

    track: str | None = None
    objective: Objective | None = None
    seed: int | None = None
    seeds: int | None = None
    scale: str | None = None
    sampler: "SamplerName | None" = None
    recipes: bool | None = None
    ladder: bool | None = None
    min_effect: float | None = None

    def require_equal(self, opened: "Study") -> None:
        """Raise UserError where a study has another setting than was asked for."""
        for setting in (field.name for field in fields(self)):
            value, here = getattr(self, setting), getattr(opened.settings, setting)
            here = bool(here) if setting == "ladder" else here
            if value not in (None, here):
                option = setting.replace("_", "-")
                raise UserError(
                    f"study {opened.name} has --{option} {here}, not {value}; leave --{option} "
                    "out, or start a new study with --study"
                )


def resumed(ledger: "Ledger", name: str, asked: Asked, budget: int | None, files: int) -> "Study":
    """The study of this name, if it has the settings asked for. Raises UserError."""
    opened = ledger.open(name)
    settings = opened.settings
    asked.require_equal(opened)
    if settings.tuned and files:
        raise UserError(
            f"study {name} tunes {settings.tuned} alone; measure files in another study"
        )
    finished = len(opened.finished())
    if budget and budget < finished:
        raise UserError(
            f"study {name} has {finished} finished trials already; "
            f"--budget {budget} must not be less"
        )
    _require_room(files, (budget or settings.budget) - finished, finished)
    return opened


def created(
    ledger: "Ledger",
    name: str | None,
    track: Track,
    asked: Asked,
    *,
    budget: int | None = None,
    files: int = 0,
    device: str = devices.CPU,
    official_device: str = devices.CPU,
) -> "Study":
    """A new study with the settings asked for, else the defaults. Raises UserError."""
    from agent.study.settings import Settings

    _require_room(files, budget or DEFAULT_BUDGET, 0)
    scale = known_scale(asked.scale or FULL, track)
    settings = Settings(
        track=track.name,
        objective=asked.objective or track.objective,
        budget=budget or DEFAULT_BUDGET,
        seed=asked.seed or 0,
        seeds=asked.seeds or DEFAULT_SEEDS,
        scale=scale,
        sampler=asked.sampler or "tpe",
        recipes=asked.recipes is not False,
        ladder=() if asked.ladder is False else tuple(track.proxies.get(scale, ())),
        min_effect=asked.min_effect or 0.0,
        device=device,
        official_device=official_device,
    )
    return ledger.create(name, settings)


def device_for(study: str | None, asked: str) -> str:
    """The device asked for; that of the study, if it exists, where `auto` was asked for."""
    if asked != devices.AUTO or not (study and devices.may_have_gpu()):
        return asked
    ledger = inputs.open_ledger()
    return ledger.open(study).settings.device if study in ledger.names() else devices.AUTO


def require_device(opened: "Study", here: str) -> None:
    """Raise UserError unless the study can continue on the kind of device that it began with."""
    device = opened.settings.device
    if device != here:
        raise UserError(
            f"study {opened.name} computes on {device}, not on {here}, and results of different "
            f"devices are never compared; continue it where there is {device}, without "
            "--device, or start a new study with --study"
        )


def _require_room(files: int, room: int, finished: int) -> None:
    if files > room:
        raise UserError(
            f"the budget has room for {room} more trials, but {files} files were given; "
            f"ask for at least --budget {finished + files}"
        )
