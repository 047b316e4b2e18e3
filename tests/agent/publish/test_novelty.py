"""Whether a winner is new: known, known without a part, known with other numbers, or new."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.publish.evidence import Winner
from agent.publish.novelty import novelty
from agent.study.evaluation_store import EvaluationStore
from agent.study.local_executor import LocalExecutor
from agent.study.workspace import Workspace
from agent.verdict.novelty import Novelty, NoveltyKind
from helpers import sources
from helpers.verdicts import verdict
from search_space.ablate import leave_one_out
from search_space.recipes import RECIPES
from search_space.render import render
from search_space.spec import Spec, make_spec
from tracks.isolation.launcher import Launcher
from tracks.submission import Submission


def won(spec: Spec | None, source: str = "") -> Winner:
    return Winner("mine", Submission(source or render(spec, 80)), spec, verdict())  # type: ignore[arg-type]


RETUNED = make_spec(
    {
        "momentum": {"part": "ema", "beta": 0.5},
        "direction": {"part": "adam", "beta2": 0.5},
    }
)


def test_what_is_known_is_not_new(launcher: Launcher, tmp_path: Path) -> None:
    executor = LocalExecutor(launcher, 2, EvaluationStore(tmp_path / "evaluations"))

    def found(winner: Winner, whole: Winner | None = None) -> Novelty:
        answer = novelty(Workspace(tmp_path), executor, winner, whole or winner)
        assert answer is not None
        return answer

    recipe = RECIPES["adamw"]
    known = found(won(recipe))
    assert (known.kind, known.nearest) == (NoveltyKind.KNOWN, "recipe adamw")
    assert "nothing new was found: its updates are of recipe adamw." in known.sentence

    removal = next(it for it in leave_one_out(RECIPES["muon"]) if it.name == "momentum")
    simplified = found(won(removal.spec))
    assert (simplified.kind, simplified.without) == (
        NoveltyKind.SIMPLIFIED,
        ("momentum lookahead",),
    )
    assert simplified.sentence.startswith("A known recipe, simplified; nothing new was found")

    descent = found(won(None, sources.GRADIENT_DESCENT))
    assert (descent.kind, descent.nearest) == (NoveltyKind.RESCALED, "torch.optim.SGD")
    assert descent.sentence.endswith(
        "nothing new was found: it is torch.optim.SGD, step size apart."
    )

    code = won(None, sources.OLD_GRADIENTS)
    taken = replace(code, verdict=verdict(taken_out=("switch one", "switch two")))
    cut = found(taken, won(recipe))
    assert (cut.kind, cut.without) == (NoveltyKind.SIMPLIFIED, ("switch one", "switch two"))

    assert found(won(RETUNED)).kind == NoveltyKind.TUNED
    new = found(code)
    assert new.kind == NoveltyKind.NEW
    assert f"the nearest known optimizer is {new.nearest}, at distance" in new.sentence


@pytest.mark.parametrize("kind", list(NoveltyKind))
def test_each_kind_has_a_sentence(kind: NoveltyKind) -> None:
    assert Novelty(kind, "recipe lion", 0.5, 0.4).sentence.endswith(".")
