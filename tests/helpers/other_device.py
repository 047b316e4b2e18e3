"""A second device, played on a CPU: an operation that mixes its tensors with the CPU's fails.

As on a GPU, a CPU tensor without dimensions may join an elementwise operation, and copies and
indices may cross.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

CROSSING = ("copy_", "_to_copy", "index", "index_put", "index_put_", "_index_put_impl_")
NUMBERS = ("_local_scalar_dense", "equal", "is_nonzero")
"""Operations whose result is no tensor of the device."""
Arguments = Mapping[str, Any]


class There(Tensor):
    """A tensor of the other device, with its values in `here`."""

    here: Tensor

    @staticmethod
    def __new__(cls, here: Tensor) -> "There":
        made: There = Tensor._make_wrapper_subclass(  # noqa: SLF001
            cls, here.size(), here.stride(), here.storage_offset(), dtype=here.dtype, device="meta"
        )
        made.here = here
        return made

    @classmethod
    def __torch_dispatch__(
        cls, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Arguments | None = None
    ) -> Any:
        return _run(function, args, kwargs or {})


class _Watched(TorchDispatchMode):
    """Sees the operations without a tensor of the other device too, such as `torch.zeros`."""

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Arguments | None = None
    ) -> Any:
        return _run(function, args, kwargs or {})


@contextmanager
def other_device(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Tensor], Tensor]]:
    """Moves a tensor there; errors of mixed operations are RuntimeErrors."""
    # a device other than the CPU makes an optimizer ask CUDA for its state
    monkeypatch.setattr(torch.cuda, "_lazy_init", lambda: None)
    with _Watched():
        yield There


def _run(function: Any, args: Sequence[Any], kwargs: Arguments) -> Any:
    name = function.overloadpacket.__name__
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
    there = any(isinstance(tensor, There) for tensor in tensors)
    if there and name not in CROSSING and not name.startswith("_foreach_copy"):
        elementwise = torch.Tag.pointwise in function.tags or name.startswith("_foreach")
        for tensor in tensors:
            if not isinstance(tensor, There) and (tensor.dim() or not elementwise):
                raise RuntimeError(f"{name} mixes devices: {tuple(tensor.shape)} is on the CPU")
    if "device" in kwargs and kwargs["device"] is not None:
        there = torch.device(kwargs["device"]).type == "meta"
        kwargs = {**kwargs, "device": torch.device("cpu")}
    out = function(*tree_map(_value, args), **tree_map(_value, dict(kwargs)))
    if args and out is _value(args[0]):
        # in place
        return args[0]
    return tree_map(_moved, out) if there and name not in NUMBERS else out


def _value(leaf: Any) -> Any:
    return leaf.here if isinstance(leaf, There) else leaf


def _moved(leaf: Any) -> Any:
    return There(leaf) if isinstance(leaf, Tensor) else leaf
