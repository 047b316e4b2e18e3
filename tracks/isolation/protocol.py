"""What the processes of an evaluation send each other: typed messages, and a byte for each order.

The trusted side and the optimizer host have this in common and nothing else. A message is one of
the records below; `wire` sends it as JSON and checks every field of what it receives.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from tracks.base import TrackSource
from tracks.evaluation import State
from tracks.instance import Instance
from tracks.isolation.levels import Level
from tracks.isolation.limits import Limits
from tracks.procedure import Procedure

ZERO_GRAD = b"z"
"""Order: call the submission's own zero_grad."""
STEP = b"s"
"""Order: step; followed by a byte for each parameter, 1 where it has a gradient."""
QUIT = b"q"
"""Order: end."""
OK = b"k"
"""Reply: done, the parameters are in the shared memory."""
FAILED = b"f"
"""Reply: the submission failed; a `Failed` follows."""
MAX_REASON = 2_000
"""Characters of a reason."""
Role = Literal["trainer", "host", "data"]
Audit = dict[str, str | dict[str, str | list[int]]]
"""Hashes of the data, in upstream's fields."""


@dataclass(frozen=True)
class Message:
    """A record; one that is received has exactly its fields."""

    __pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Slot(Message):
    """Where one tensor lies in shared memory. Strides are in elements, the offset in bytes."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: str
    offset: int


@dataclass(frozen=True)
class Layout(Message):
    """The tensors of one block of `size` bytes; `ticket` opens a block in GPU memory."""

    slots: tuple[Slot, ...]
    size: int
    ticket: tuple[int | bool | str, ...] = ()


@dataclass(frozen=True)
class Failed(Message):
    """How a submission failed, and its own lines of the traceback."""

    state: State
    reason: str = ""
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault(Message):
    """An internal error of a trusted process, or of a track's own file: then `blame` is a line.

    `after_step` is the last step that the optimizer had taken.
    """

    traceback: str
    blame: str = ""
    after_step: int = 0


# the launcher to the zygote, which answers Forked or Ended


@dataclass(frozen=True)
class Fork(Message):
    """With `output`, the last descriptor becomes standard output and standard error."""

    role: Role
    output: bool = False


@dataclass(frozen=True)
class Forked(Message):
    pid: int


@dataclass(frozen=True)
class End(Message):
    """With `patience_s`, one that is about to end by itself has this long before it is killed."""

    pid: int
    patience_s: float = 0.0


@dataclass(frozen=True)
class Ended(Message):
    """`cpu_s` is the CPU time that it used; `killed_here` says that it had not ended by itself."""

    exit_code: int
    peak_kb: int
    cpu_s: float = 0.0
    killed_here: bool = False


# the coordinator to the data builder, which answers Built or Fault


@dataclass(frozen=True)
class Build(Message):
    instance: Instance
    track_source: TrackSource | None

    @property
    def built_twice(self) -> bool:
        """Whether a track of one's own must show that equal seeds give equal data."""
        return self.track_source is not None and self.instance.official


@dataclass(frozen=True)
class Built(Message):
    """Comes with the descriptor of the memory."""

    layout: Layout
    audit: Audit


# the coordinator to the trainer, which answers Calling, Boxed and Progress, then Done, Failed or
# Fault


@dataclass(frozen=True)
class Job(Message):
    """Comes with the descriptors of the data and of the channel to the host.

    The trainer computes on `device`, the host on `optimizer_device`.
    """

    instance: Instance
    source: str
    procedure: Procedure
    device: str
    optimizer_device: str
    limits: Limits
    data: Layout
    track_source: TrackSource | None = None
    check_track: bool = False
    """Whether the track is tried before the submission runs."""


@dataclass(frozen=True)
class Calling(Message):
    """The method of a track that is tried now; empty once all have been."""

    method: str


@dataclass(frozen=True)
class Boxed(Message):
    """The sandbox level that held before the submission was compiled."""

    level: Level


@dataclass(frozen=True)
class Progress(Message):
    """`track_s` is the time in the track's loss and metric so far."""

    step: int
    track_s: float = 0.0


@dataclass(frozen=True)
class Done(Message):
    """A run that ended by itself, in the fields of `Evaluation`."""

    curve: tuple[tuple[int, float], ...]
    last_train_loss: float
    training_wall_time_s: float
    max_steps: int
    train_samples: int
    eval_samples: int
    batch_size: int
    environment: dict[str, str | bool | None]


# the trainer to the host, which answers Unprepared, or Boxed and then Ready or Failed


@dataclass(frozen=True)
class Prepare(Message):
    """Sent before the job is known."""

    device: str


@dataclass(frozen=True)
class Setup(Message):
    """All that a host gets: neither the track nor seeds, data or metric.

    `length` is for a constructor that takes `max_steps`; None leaves the file's own. `rng` and
    `gpu_rng` are states of the global generators, hexadecimal.
    """

    shared: Layout
    source: str
    flush_denormals: bool
    rng: str
    gpu_rng: str
    cpu_s: float
    memory_mb: int
    sandbox: Level
    least_sandbox: Level
    length: int | None = None


@dataclass(frozen=True)
class Unprepared(Message):
    """The host cannot run a submission; the reason is the machine's."""

    reason: str


@dataclass(frozen=True)
class Ready(Message):
    """The optimizer is built; `early_zero_grad` where it has a zero_grad of its own."""

    early_zero_grad: bool
