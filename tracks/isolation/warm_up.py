"""Loads modules before a host is forked: in the sandbox no file can be read any more."""

import gc
import importlib
import sys
import warnings
from contextlib import suppress
from functools import cache

import torch

TORCH = """
    torch._dynamo torch.distributed.tensor torch.func torch.optim.swa_utils torch.distributions
    torch.nn.utils.parametrizations torch.testing numpy.testing numpy.ma numpy.polynomial
"""
NOT_LOADED = """
    __main__ antigravity this idlelib tkinter turtle turtledemo test lib2to3 ensurepip venv
    distutils pydoc_data curses readline rlcompleter msilib msvcrt winreg winsound nt crypt nis spwd
    ossaudiodev imp asynchat asyncore smtpd
"""
"""Of Python's own modules: they need a terminal or another system, act when imported, or are going
away; a submission has no use for them."""


@cache
def warm_up() -> None:
    """Load, once, the modules that submissions and the first optimizer step import.

    It takes as long as importing torch, so data is being built meanwhile where both are needed.
    Nothing here may ask CUDA for its state, as most optimizers' steps do: a process whose parent
    has initialised CUDA can use neither CUDA nor those optimizers.
    """
    skipped = set(NOT_LOADED.split())
    standard = sorted(n for n in sys.stdlib_module_names - skipped if not n.startswith("_"))
    with warnings.catch_warnings(action="ignore"):
        for name in [*TORCH.split(), *standard]:
            with suppress(ImportError):
                importlib.import_module(name)
    weight = torch.nn.Parameter(torch.zeros(2, 2))
    optimizer = torch.optim.SGD([weight], foreach=False)
    weight.grad = torch.zeros(2, 2)
    optimizer.step()
    gc.collect()
    gc.freeze()
