"""What a track's methods must give: checked where they are called, told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from tracks.base import Data, Track
from tracks.gpu import is_out_of_memory
from tracks.track_file import TrackError, line_in, said_of


@contextmanager
def blaming(track: Track, method: str) -> Iterator[None]:
    """What a method of a track's file raises is the track's, also in code that it inherits.

    No submission has run yet, and a lack of memory is the machine's. Raises TrackError.
    """
    try:
        yield
    except TrackError:
        raise
    except (Exception, SystemExit) as error:
        if track.source is None or is_out_of_memory(error):
            raise
        line = line_in(track.source.path, error)
        raise (TrackError(line) if line else wrong(track, f"{method}: {said_of(error)}")) from error


def data_of(track: Track, given: object, scale: str) -> Data:
    """What `data` gave, if it is the data of a run. Raises TrackError."""
    fields = Data._fields
    if not (isinstance(given, tuple) and len(given) == len(fields)):
        raise wrong(track, f"data gives {_kind(given)}; expected Data({', '.join(fields)})")
    for name, tensor in zip(fields, given, strict=True):
        if not isinstance(tensor, Tensor) or tensor.ndim == 0:
            raise wrong(track, f"data gives {_kind(tensor)} as {name}; expected a tensor of rows")
        if tensor.requires_grad:
            raise wrong(track, f"data gives {name} with a gradient; add .detach()")
    data = Data(*given)
    for part in ("train", "eval"):
        inputs, targets = (len(getattr(data, f"{part}_{what}")) for what in ("inputs", "targets"))
        if inputs != targets or not inputs:
            raise wrong(track, f"data gives {inputs} {part}_inputs and {targets} {part}_targets")
    order, size = data.batch_indices, track.scales[scale]
    if order.dtype != torch.int64 or order.shape != (size.max_steps, size.batch_size):
        shape = "x".join(map(str, order.shape))
        raise wrong(
            track,
            f"data gives batch_indices {shape} of {order.dtype}; expected int64 "
            f"[max_steps, batch_size], {size.max_steps}x{size.batch_size} at scale {scale}",
        )
    low, high, rows = int(order.min()), int(order.max()), len(data.train_inputs)
    if low < 0 or high >= rows:
        raise wrong(track, f"batch_indices go from {low} to {high}; there are {rows} train_inputs")
    return data


def bytes_of(track: Track, given: object) -> bytes:
    """What `text` gave, if it is text of a language model. Raises TrackError."""
    if not isinstance(given, bytes):
        raise wrong(track, f"text gives {_kind(given)}; expected bytes to read")
    if not given:
        raise wrong(track, "text gives nothing; expected bytes to read")
    return given


def student_of(track: Track, given: object) -> nn.Module:
    """What `student` gave, if it can be trained. Raises TrackError."""
    if not isinstance(given, nn.Module):
        raise wrong(track, f"student gives {_kind(given)}; expected a torch.nn.Module")
    if not any(parameter.requires_grad for parameter in given.parameters()):
        raise wrong(track, "student has no parameter that can be trained")
    for index, parameter in enumerate(given.parameters()):
        if problem := _problem_of(parameter):
            raise wrong(track, f"parameter {index} of the student {problem}")
    return given


def _problem_of(parameter: Tensor) -> str:
    """Why an optimizer cannot step this parameter; empty where it can."""
    if isinstance(parameter, UninitializedParameter):
        return "has no shape yet; call a lazy model once before student returns it"
    if not parameter.is_leaf:
        return "is computed from others; expected a torch.nn.Parameter"
    if not parameter.is_floating_point():
        return f"is of {parameter.dtype}; expected floating-point numbers, or register a buffer"
    if any(
        size > 1 and not step
        for size, step in zip(parameter.shape, parameter.stride(), strict=True)
    ):
        return "has entries that share memory, as expand() makes them; add .clone()"
    return "" if parameter.isfinite().all() else "is not finite before training"


def loss_of(track: Track, given: object) -> Tensor:
    """What `loss` gave, if it is one number that can be differentiated. Raises TrackError."""
    if not isinstance(given, Tensor) or given.numel() != 1:
        raise wrong(track, f"loss gives {_kind(given)}; expected a tensor with one number")
    if not given.is_floating_point():
        raise wrong(track, f"loss gives a number of {given.dtype}; expected a floating-point one")
    if torch.is_grad_enabled() and not given.requires_grad:
        raise wrong(track, "loss cannot be differentiated: it does not depend on the parameters")
    return given


def metric_of(track: Track, given: object) -> float:
    """What `measure` gave, if it is a number. Raises TrackError."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        hint = "; add .item()" if isinstance(given, Tensor) else ""
        raise wrong(track, f"measure gives {_kind(given)}; expected a float{hint}")
    value, metric = float(given), track.metric
    if metric.is_share and (value < 0 or value > 1):
        raise wrong(
            track, f"measure gives {value:g}; a metric with log or answers, higher is better, is a "
            "share from 0 to 1"
        )  # fmt: skip
    if metric.log and value < 0:
        raise wrong(track, f"measure gives {value:g}, which has no logarithm; set log=False")
    return value


def wrong(track: Track, problem: str) -> TrackError:
    """The error that names a track's file."""
    where = track.source.path if track.source else f"track {track.name}"
    return TrackError(f"{where}: {problem}")


def _kind(given: object) -> str:
    if isinstance(given, Tensor):
        return f"a tensor of shape {list(given.shape)}"
    return "nothing" if given is None else f"a {type(given).__name__}"
