"""What the results of a worker depend on, and in what two workers differ."""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata

from pydantic import TypeAdapter

from agent.study.errors import UserError
from agent.study.evaluation_store import MEASURING
from agent.study.tool_version import program_version
from tracks.code import code_digest
from tracks.device import CPU, is_cuda
from tracks.isolation.levels import Level
from tracks.isolation.sandbox import probe
from tracks.processor import gpus, processor
from tracks.registry import PROBE_MODULES, all_tracks, defining_modules, workloads

CODE = ("program", "code", "python", "torch")
"""What the coordinator must have in common with its workers; these agree in all fields."""


@dataclass(frozen=True)
class Machine:
    """`code` is the digest of all code that measures, with its libraries and the shipped tracks."""

    program: str
    code: str
    python: str
    torch: str
    device: str
    """The kind of device that its evaluations may use."""
    processor: str
    gpus: str
    sandbox: Level

    @classmethod
    def here(cls, device: str) -> "Machine":
        return cls(
            program_version(),
            _code(),
            platform.python_version(),
            metadata.version("torch"),
            device,
            processor(),
            gpus() if is_cuda(device) else "",
            probe().level,
        )

    @classmethod
    def from_json(cls, record: object) -> "Machine | None":
        """None for what is no such record."""
        try:
            return TypeAdapter(cls).validate_python(record)
        except ValueError:
            return None

    @property
    def tag(self) -> str:
        """The name of a resource that equal machines offer, and no others."""
        content = json.dumps(asdict(self), sort_keys=True).encode()
        return f"autoresearch-{hashlib.sha256(content).hexdigest()[:16]}"

    def hardware(self, device: str) -> str:
        """As `tracks.processor.hardware` has it there."""
        return f"{self.gpus} {self.processor}" if is_cuda(device) else self.processor

    def difference(self, other: "Machine", names: tuple[str, ...] = ()) -> str:
        """The first of these fields that is not equal, with both values; empty where all are."""
        ours, theirs = asdict(self), asdict(other)
        for name in names or tuple(ours):
            if ours[name] != theirs[name]:
                return f"{name} {ours[name] or 'none'}, not {theirs[name] or 'none'}"
        return ""


def common(machines: Mapping[str, Machine | None]) -> Machine:
    """The machine that all workers are, by their addresses. Raises UserError where they differ.

    Bits depend on every field, so results of different machines would not compare.
    """
    here, first = Machine.here(CPU), next(iter(machines.values()))
    for address, machine in machines.items():
        if machine is None or first is None:
            raise UserError(
                f"worker {address} was not started by autoresearch: end it, and start "
                "`autoresearch worker` there"
            )
        if unlike := machine.difference(here, CODE):
            raise UserError(
                f"worker {address} has {unlike} as here: install the same versions on all machines"
            )
        if unlike := machine.difference(first):
            raise UserError(
                f"worker {address} has {unlike} as {next(iter(machines))}, and results of such "
                "machines do not compare: end one of them, or give each kind its own scheduler"
            )
    assert first is not None
    return first


@cache
def _code() -> str:
    shipped = [one for one in (*all_tracks().values(), *workloads()) if not one.source]
    tracks = {name for one in shipped for name in defining_modules(one)}
    return code_digest([*MEASURING, *PROBE_MODULES, *tracks])[:16]
