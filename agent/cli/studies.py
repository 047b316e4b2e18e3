"""A study that a verb was asked to begin or to go on with."""

from typing import TYPE_CHECKING, Any

from agent.cli import common
from agent.study.errors import UserError
from tracks import device as devices

if TYPE_CHECKING:
    from agent.study.ledger import Ledger
    from agent.study.study import Study

DEFAULT_BUDGET, DEFAULT_SEEDS = 50, 13


def resumed(
    ledger: "Ledger", name: str, asked: dict[str, Any], budget: int | None, files: int
) -> "Study":
    """The study of this name, if what is asked for is what it has. Raises UserError."""
    opened = ledger.open(name)
    settings = opened.settings
    for setting, value in asked.items():
        here = getattr(settings, setting)
        here = bool(here) if setting == "ladder" else here
        if value is not None and value != here:
            where = "on track" if setting == "track" else f"one with {setting}"
            raise UserError(
                f"study {name} is {where} {here}, not {value}; leave --{setting} out, "
                "or start a new study with --study"
            )
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


def device_for(study: str | None, asked: str | None) -> str:
    """What was asked for; else the device of the study that is gone on with; else `auto`."""
    if asked not in (None, devices.AUTO) or not (study and devices.may_have_gpu()):
        return asked or devices.AUTO
    ledger = common.open_ledger()
    return ledger.open(study).settings.device if study in ledger.names() else devices.AUTO


def require_device(opened: "Study", here: str) -> None:
    """Raise UserError unless the study can go on with the kind of device it began with."""
    device = opened.settings.device
    if device != here:
        raise UserError(
            f"study {opened.name} computes on {device}, not on {here}, and results of different "
            f"devices are never compared; go on with it where there is {device}, without "
            "--device, or start a new study with --study"
        )


def _require_room(files: int, room: int, finished: int) -> None:
    if files > room:
        raise UserError(
            f"the budget has room for {room} more trials, but {files} files were given; "
            f"ask for at least --budget {finished + files}"
        )


def created(
    ledger: "Ledger", name: str | None, asked: dict[str, Any], budget: int | None, files: int
) -> "Study":
    """A new study of what was asked for; what was not is as usual."""
    from agent.study.settings import Settings

    track = common.known_track(asked["track"])
    _require_room(files, budget or DEFAULT_BUDGET, 0)
    chosen = {name: asked.get(name) for name in ("sampler", "recipes", "device", "official_device")}
    scale = common.known_scale(asked.get("scale") or "full", track)
    settings = Settings(
        track=track.name,
        objective=common.known_objective(asked.get("objective"), track),
        budget=budget or DEFAULT_BUDGET,
        seed=asked.get("seed") or 0,
        seeds=asked.get("seeds") or DEFAULT_SEEDS,
        scale=scale,
        ladder=() if asked.get("ladder") is False else tuple(track.proxies.get(scale, ())),
        min_effect=asked.get("min_effect") or 0.0,
        **{name: value for name, value in chosen.items() if value is not None},
    )
    return ledger.create(name, settings)
