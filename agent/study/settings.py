"""What a study was asked for: settings that are fixed, and overrides kept across resumes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import model_validator

from agent.study import samplers
from agent.study.records import Record
from agent.study.samplers import SamplerName
from tracks.base import Objective, Proxy, track_option
from tracks.device import CPU

ProposerName = Literal["optuna", "llm", "mixed", "external"]
DEFAULT_MODEL = "claude-opus-5-5"


class Stage(StrEnum):
    """How far a study has come."""

    SEARCH = "search"
    CONFIRM = "confirm"
    ABLATE = "ablate"
    COMPARE = "compare"
    TRANSFER = "transfer"
    PUBLISH = "publish"
    DONE = "done"


@dataclass(frozen=True)
class Earlier:
    """A spec that an earlier study found."""

    study: str
    trial: int
    spec: dict[str, Any]

    @property
    def label(self) -> str:
        return f"trial {self.trial} of {self.study}"


@dataclass(frozen=True)
class Settings:
    """Fixed when a study is created, except for the budget."""

    track: str
    """Its name."""
    objective: Objective
    budget: int
    seed: int
    seeds: int
    """Held-out instances of a verdict, at most."""
    scale: str
    sampler: SamplerName = samplers.DEFAULT
    screen: int = 1
    """Candidates that are run together at the scale that the track names."""
    recipes: bool = True
    """Whether the published recipes are tried first."""
    warm_start: tuple[Earlier, ...] = ()
    """The best of earlier studies of the track when this one began, which it tries first."""
    ladder: tuple[Proxy, ...] = ()
    """What a trial must pass before its full run, as the track had it when the study began; with a
    screen not what is smaller than that."""
    tuned: str | None = None
    """The baseline whose numbers alone are searched; None where everything is."""
    device: str = CPU
    """The kind of device of everything that is compared: cpu, cuda or mps."""
    official_device: str = CPU
    """The device of published figures: the CPU, unless a device was asked for by name."""
    track_file: str | None = None
    """Of a track that is neither in the suite nor in a package; relative to the workspace, if it is
    in there."""
    track_digest: str | None = None
    """Of the code in that file, when the study began."""
    min_effect: float = 0.0
    """A challenger must be better than the incumbent by more than this, in the verdict's unit."""

    @property
    def refines(self) -> bool:
        """Whether some trials move only the numbers of the best, and skip the ladder."""
        return bool(self.ladder) and not self.tuned and self.sampler in samplers.SCREENING

    @property
    def track_option(self) -> str:
        """What `--track` gets: the name of the track, or its file."""
        return track_option(self.track, self.track_file)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Settings":
        proxies = tuple(Proxy(**proxy) for proxy in record["ladder"])
        earlier = tuple(Earlier(**one) for one in record.get("warm_start", ()))
        return cls(**record | {"ladder": proxies, "warm_start": earlier})


class Overrides(Record, frozen=True):
    """Options that a resumed study keeps until they are given again."""

    proposer: ProposerName = "optuna"
    model: tuple[str, ...] = ()
    price: tuple[str, ...] = ()
    """Each as MODEL=IN/OUT."""
    max_usd: float | None = None
    model_env: tuple[str, ...] = ()
    """Names of variables."""
    on_event: str = ""
    """A command line."""
    event_env: tuple[str, ...] = ()
    """Names of variables."""
    ablation: bool = True
    transfer: bool = True
    commit: bool = True
    name: str | None = None
    margin: float | None = None
    compose: bool = True
    patience: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_one_model(cls, kept: Mapping[str, Any]) -> Mapping[str, Any]:
        """Older ledgers have one model and its price as texts."""
        model, price = kept.get("model") or (), kept.get("price") or ()
        if isinstance(model, str):
            model = (model,)
        if isinstance(price, str):
            price = tuple(f"{name}={price}" for name in model or (DEFAULT_MODEL,))
        changed = {"model": model, "price": price}
        return {**kept, **{name: value for name, value in changed.items() if name in kept}}
