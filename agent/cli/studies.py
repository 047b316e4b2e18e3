"""The study that a verb creates or continues."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from agent.cli import inputs
from agent.cli.options import FULL, known_objective, known_scale, known_track
from agent.study import samplers
from agent.study.errors import UserError
from agent.study.track_change import has_changed, keep_place, place_of
from tracks import device as devices
from tracks.base import Track

if TYPE_CHECKING:
    from agent.study.ledger import Ledger
    from agent.study.study import Study

DEFAULT_BUDGET, DEFAULT_SEEDS = 50, 13
MOST_TRIALS = 1_000_000
"""A larger budget is a slip of the pen."""


def given_in(*records: Any) -> dict[str, Any]:
    """The options of these records that were given, by name; a track by its own name.

    A list that is empty was not given.
    """
    given = {name: value for record in records for name, value in vars(record).items()}
    given["track"] = given["track"].name if given.get("track") else None
    return {name: value for name, value in given.items() if value not in (None, [])}


def require_equal(opened: "Study", asked: Mapping[str, Any]) -> None:
    """Raise UserError where a study has another setting than was asked for."""
    settings = vars(opened.settings)
    for name in sorted(asked.keys() & settings.keys() - {"budget"}):
        here = bool(settings[name]) if name in ("ladder", "warm_start") else settings[name]
        if asked[name] != here:
            plain = name.replace("_", "-")
            option = f"--{plain}"
            has, wanted = f"{option} {here}", asked[name]
            if isinstance(here, bool):
                has, wanted = (option, f"--no-{plain}") if here else (f"--no-{plain}", option)
            raise UserError(
                f"study {opened.name} has {has}, not {wanted}; leave {option} out, or start a new "
                "study with --study"
            )


def require_same_track(opened: "Study", another: str = "start a new study with --study") -> None:
    """Raise UserError where the file of a study's track has changed since the study began.

    Where it was only moved, the study keeps its new place. `another` says how to begin another.
    """
    if has_changed(opened):
        raise UserError(
            f"{opened.track_file}, or a file that it names, has changed since study {opened.name} "
            f"began, so what it has measured compares with nothing new: {another}"
        )
    keep_place(opened)


def resumed(
    ledger: "Ledger", name: str, asked: Mapping[str, Any], budget: int | None, files: int
) -> "Study":
    """The study of this name, if it has the settings asked for. Raises UserError."""
    opened = ledger.open(name)
    settings = opened.settings
    require_same_track(opened)
    require_equal(opened, asked)
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
    ledger: "Ledger", name: str | None, asked: Mapping[str, Any], budget: int | None, files: int = 0
) -> "Study":
    """A new study with the settings asked for, else the defaults. Raises UserError."""
    from agent.study.earlier import best_earlier
    from agent.study.ladder import from_screen
    from agent.study.settings import Settings

    budget = budget or DEFAULT_BUDGET
    _require_room(files, budget, 0)
    track = known_track(asked["track"])
    scale = known_scale(asked.get("scale", FULL), track)
    usual = {"objective": track.objective, "seed": 0, "seeds": DEFAULT_SEEDS}
    fixed = {"budget": budget, "scale": scale}
    fixed["ladder"] = tuple(track.proxies.get(scale, ())) if asked.get("ladder", True) else ()
    known = {each.name for each in fields(Settings)} - {"warm_start"}
    settings = usual | {name: asked[name] for name in asked.keys() & known} | fixed
    settings["track"] = track.name
    known_objective(settings["objective"], track)
    settings["screen"] = screened(asked, track, scale)
    if track.source:
        settings["track_file"] = place_of(track.source, inputs.workspace().root)
        settings["track_digest"] = track.source.digest
    begun = Settings(**settings)
    begun = replace(begun, ladder=from_screen(begun))
    if asked.get("warm_start"):
        begun = replace(begun, warm_start=best_earlier(ledger.all(), begun))
    return ledger.create(name, begun)


def screened(asked: Mapping[str, Any], track: Track, scale: str) -> int:
    """Candidates for a sampled trial. Raises UserError where some were asked for in vain."""
    from agent.study.ladder import screen_scale

    sampler = asked.get("sampler", samplers.DEFAULT)
    recipes = asked.get("recipes", True)
    screen = screen_scale(track, scale, recipes=recipes)
    why = ""
    if asked.get("tuned") or sampler not in samplers.SCREENING:
        why = f"--sampler {sampler} proposes one; choose {', '.join(samplers.SCREENING)}"
    elif screen is None:
        why = f"{track.name} has no scale for it; name one in the track: screen = 'small'"
    elif recipes and [proxy.scale for proxy in track.proxies.get(scale, ())] == [screen]:
        why = f"trials of scale {scale} begin at the scale that would screen them"
    elif track.scales[screen].work >= track.scales[scale].work:
        why = f"scale {screen}, which would screen them, is not smaller than {scale}"
    wanted = asked.get("screen")
    if why and wanted and wanted > 1:
        raise UserError(f"--screen {wanted}: {why}")
    return 1 if why else wanted or samplers.SCREENED


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


def require_no_change(opened: "Study", files: int, given: Mapping[str, Any]) -> None:
    """Raise UserError where a coordinator that joins others would change the study."""
    changed = [name for name in ("budget", *type(opened.overrides).model_fields) if name in given]
    changed += ["submission"] if files else []
    if changed:
        raise UserError(
            f"study {opened.name} is being run by another coordinator: leave out "
            f"--{changed[0].replace('_', '-')} to join it, or wait for its end"
        )


def _require_room(files: int, room: int, finished: int) -> None:
    if files > room:
        raise UserError(
            f"the budget has room for {room} more trials, but {files} files were given; "
            f"ask for at least --budget {finished + files}"
        )
