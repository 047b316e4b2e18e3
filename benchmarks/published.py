"""Measure the fingerprints of published optimizers: `agent/proposers/gates/published.json`.

    pip install -e '.[published]'
    python benchmarks/published.py

Every optimizer of torch.optim, pytorch_optimizer and heavyball runs on the probes of
`autoresearch check` with the settings that its constructor has. One that moves as another before
it does, the step size apart, is named beside that one. Ten times and a tenth of the step size are
tried too, and kept where the moves differ by more than one factor. It takes ten
minutes on one core.
"""

import importlib
import inspect
import json
import math
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import pairwise

import torch
from torch import nn

from agent.proposers.gates.fingerprint import RESCALED, SAME, compared
from agent.proposers.gates.published import (
    TABLE,
    Fingerprint,
    Moves,
    Published,
    PublishedTable,
    coarse,
)
from tracks.instance import official_instance
from tracks.probe import PROBES, STEPS, Probe
from tracks.processor import processor
from tracks.training import AutogradTraining

PACKAGES = ("torch.optim", "pytorch_optimizer", "heavyball")
FACTORS = {10.0: RESCALED, 0.1: 0.1}
"""Of the constructor's step sizes, and from what distance on its moves there are kept as well. In
small steps rounding alone makes a difference: up to 0.06 at a tenth of a default."""
SEEDS = (0, 1)
"""Of torch's own generator: an optimizer whose moves depend on it has no fingerprint."""
CLOSURE = "computes the loss again in a closure"
HESSIAN = "needs second derivatives"
WRAPPER = "wraps another optimizer"
BASE = "is a base class"
NOTHING = "moves at random, not at all, or to numbers that are not finite"
RANK = "projects parameters that have a rank"
BACKWARD = "steps while gradients are computed"
PROCESSES = "needs several processes"
SKIPPED = {
    "torch.optim": {"LBFGS": CLOSURE, "Optimizer": BASE, "SparseAdam": "needs sparse gradients"},
    "pytorch_optimizer": {
        "APOLLO": RANK,
        "AdaHessian": HESSIAN,
        "AdaLOMO": BACKWARD,
        "AliG": CLOSURE,
        "BSAM": CLOSURE,
        "DeMo": PROCESSES,
        "DistributedMuon": PROCESSES,
        "Fira": RANK,
        "FriendlySAM": CLOSURE,
        "GSAM": CLOSURE,
        "GaLore": RANK,
        "LBFGS": CLOSURE,
        "LOMO": BACKWARD,
        "LoRARite": "needs pairs of low-rank factors",
        "LookSAM": CLOSURE,
        "Lookahead": WRAPPER,
        "OrthoGrad": WRAPPER,
        "PCGrad": WRAPPER,
        "SAM": CLOSURE,
        "SafeFP16Optimizer": WRAPPER,
        "ScheduleFreeWrapper": WRAPPER,
        "SophiaH": HESSIAN,
        "TRAC": WRAPPER,
        "WSAM": CLOSURE,
    },
    "heavyball": {"PSGDBase": BASE, "SAMWrapper": CLOSURE, "SOAPBase": BASE, "SplitOpt": WRAPPER},
}
"""What is not tried, and why."""
BY_MODEL = {"pytorch_optimizer.AdamMini"}
"""Constructed with the model."""
BY_ROLE = {f"pytorch_optimizer.{n}" for n in ("AdaGO", "AdaMuon", "Muon", "MuonClip", "NorMuon")}
"""Constructed with groups that say which parameters are matrices."""
MATRICES_ALONE = {"torch.optim.Muon", "pytorch_optimizer.SpectralSphere"}
"""Steps matrices alone; AdamW with the same step size steps the vectors, as torch advises."""
NUMBERS = {"pytorch_optimizer.Ranger21": {"num_iterations": STEPS}}
"""What a constructor requires and has no default for."""

Kind = type[torch.optim.Optimizer]
Make = Callable[[nn.Module], list[torch.optim.Optimizer]]


def kinds(package: str) -> Iterator[tuple[str, Kind]]:
    """The optimizers of a package by their names in it, those to skip among them."""
    module = importlib.import_module(package)
    for name in sorted(dir(module)):
        found = getattr(module, name)
        if isinstance(found, type) and issubclass(found, torch.optim.Optimizer):
            yield name, found


def step_sizes(kind: Kind) -> dict[str, float]:
    """The constructor's, by their names: `lr`, and others such as `adamw_lr`."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(kind).parameters.items()
        if (name == "lr" or name.endswith("_lr")) and type(parameter.default) in (int, float)
    }


def maker(name: str, kind: Kind, factor: float) -> Make:
    """Constructs the optimizer with its step sizes times `factor`."""
    settings = {which: factor * value for which, value in step_sizes(kind).items()}
    settings |= NUMBERS.get(name, {})

    def made(model: nn.Module) -> list[torch.optim.Optimizer]:
        if name in BY_MODEL:
            return [kind(model, **settings)]
        matrices = [p for p in model.parameters() if p.ndim >= 2]
        vectors = [p for p in model.parameters() if p.ndim < 2]
        if name in BY_ROLE:
            groups = ((matrices, True), (vectors, False))
            return [kind([{"params": p, "use_muon": matrix} for p, matrix in groups], **settings)]
        if name in MATRICES_ALONE:
            return [kind(matrices, **settings), torch.optim.AdamW(vectors, lr=settings["lr"])]
        return [kind(model.parameters(), **settings)]

    return made


def moves(make: Make, probe: Probe, seed: int) -> tuple[float, ...] | None:
    """As the sandbox measures them with the exact trainer; None where they are not finite."""
    seeds = official_instance(probe.name).seeds
    model, data = probe.student(seeds, "full"), probe.data(seeds, "full")
    torch.manual_seed(seed)
    optimizers = make(model)
    training = AutogradTraining(probe, model, data)
    curve = [training.measure(False)]
    for rows in data.batch_indices:
        training.gradients(rows)
        for optimizer in optimizers:
            optimizer.step()
        curve.append(training.measure(False))
    found = tuple(after - before for before, after in pairwise(curve))
    return found if all(map(math.isfinite, found)) else None


def fingerprint(make: Make, seed: int = SEEDS[0]) -> Fingerprint:
    return tuple(moves(make, probe, seed) for probe in PROBES)


def close(ours: Fingerprint, theirs: Fingerprint, most: float) -> bool:
    """Whether their moves are the same up to one factor, by at most this distance."""
    found = compared("", ours, theirs)
    return found is not None and min(found.distance, found.rescaled) <= most


def entry(name: str, factor: float, kind: Kind, found: Fingerprint) -> Published:
    size = step_sizes(kind).get("lr")
    kept = {
        probe.name: Moves.of(moves) if moves else None
        for probe, moves in zip(PROBES, coarse(found), strict=True)
    }
    return Published(name, size and float(f"{factor * size:.6g}"), kept)


def measured(name: str, kind: Kind) -> list[tuple[Published, Fingerprint]]:
    """Its entries: one, and one for each step size at which it moves otherwise.

    None where its moves are random, nothing or not finite.
    """
    first = fingerprint(maker(name, kind, 1.0))
    again = fingerprint(maker(name, kind, 1.0), SEEDS[1])
    if not any(move and any(move) for move in first) or not close(first, again, SAME):
        return []
    kept = [(1.0, first)]
    for factor, apart in FACTORS.items() if step_sizes(kind) else ():
        other = fingerprint(maker(name, kind, factor))
        if any(other) and not any(close(other, it, apart) for _, it in kept):
            kept.append((factor, other))
    return [(entry(name, factor, kind, found), found) for factor, found in kept]


def table() -> PublishedTable:
    optimizers: list[Published] = []
    known: list[tuple[str, Fingerprint]] = []
    skipped: dict[str, str] = {}
    same_as: dict[str, str] = {}
    for package in PACKAGES:
        for short, kind in kinds(package):
            name = f"{package}.{short}"
            print(name, file=sys.stderr, flush=True)
            reason = SKIPPED[package].get(short)
            entries = [] if reason else measured(name, kind)
            if not entries:
                skipped[name] = reason or NOTHING
                continue
            default = entries[0][1]
            equal = next((other for other, found in known if close(default, found, SAME)), None)
            if equal:
                same_as[name] = equal
                continue
            optimizers += [one for one, _ in entries]
            known += [(name, found) for _, found in entries]
    return PublishedTable(measured_with(), tuple(optimizers), same_as, skipped)


def measured_with() -> dict[str, str]:
    versions = {package: version(package) for package in ("torch", *PACKAGES[1:])}
    return {**versions, "processor": processor()}


def written(kept: PublishedTable) -> str:
    """JSON with one optimizer a line, so that a change of one is a change of its line."""
    whole = kept.to_json()
    lines = ",\n".join(f"  {json.dumps(one)}" for one in whole.pop("optimizers"))
    return json.dumps(whole, indent=1)[:-2] + f',\n "optimizers": [\n{lines}\n ]\n}}\n'


def main() -> None:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    # compiled kernels differ by rounding alone, and take minutes to compile
    importlib.import_module("heavyball").utils.compile_mode = None
    kept = table()
    TABLE.write_text(written(kept))
    names = {one.name for one in kept.optimizers}
    print(
        f"{len(names)} optimizers in {len(kept.optimizers)} entries, {len(kept.same_as)} that move "
        f"as one of them, {len(kept.skipped)} skipped"
    )


if __name__ == "__main__":
    main()
