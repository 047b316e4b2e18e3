"""Find better optimizers, and prove that they are better: the public Python API.

    import autoresearch

    found = autoresearch.run("mqar", budget=20)
    print(found.verdict)
    autoresearch.evaluate(MyOptimizer, "mqar")

docs/python.md has examples. Whatever is not named here may change without notice.
"""

from importlib.util import find_spec as _find_spec
from pathlib import Path as _Path

for _name in ("agent", "tracks", "search_space"):
    _found = _find_spec(_name)
    _where = _Path(_found.origin).parent.parent if _found and _found.origin else None
    if _where != _Path(__file__).parent.parent:
        raise ImportError(
            f"autoresearch needs its own package {_name!r}, but Python finds another one in "
            f"{_where}: uninstall that distribution, or use an environment of its own"
        )

from agent.api.evaluation import evaluate, tracks, transfer  # noqa: E402
from agent.api.options import (  # noqa: E402
    EvaluateOptions,
    ResumeOptions,
    RunOptions,
    TransferOptions,
)
from agent.api.study import StudyResult, open_study, resume, run  # noqa: E402
from agent.study.errors import MachineError, UserError  # noqa: E402
from tracks.base import Data, Metric, Scale, Track, batch_indices, seeded  # noqa: E402
from tracks.evaluation import Evaluation, State  # noqa: E402
from tracks.instance import Seeds  # noqa: E402

__all__ = [
    "Data",
    "EvaluateOptions",
    "Evaluation",
    "MachineError",
    "Metric",
    "ResumeOptions",
    "RunOptions",
    "Scale",
    "Seeds",
    "State",
    "StudyResult",
    "Track",
    "TransferOptions",
    "UserError",
    "batch_indices",
    "evaluate",
    "open_study",
    "resume",
    "run",
    "seeded",
    "tracks",
    "transfer",
]
