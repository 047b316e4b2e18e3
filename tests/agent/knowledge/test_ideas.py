"""The running commentary: standings, predictions with their error, and what does not work."""

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.judge import Options
from agent.knowledge.ideas import Asked, Ideas, ideas
from agent.knowledge.prediction import Gain, Parts
from agent.knowledge.surrogate import Surrogate
from agent.knowledge.tried import Tried, parts_in
from agent.knowledge.untried import untried
from agent.knowledge.worth import Worth, worth_of_parts
from agent.report.markdown import markdown
from agent.report.sections.ideas import ideas_document
from agent.report.sections.untried import model_line
from agent.study.ledger import Ledger
from agent.study.records import FinishedTrial, Origin, Outcome, ProposalRecord, Status
from agent.study.workspace import Workspace
from agent.verdict.ablation_record import Ablation, AblationRow, Finding
from agent.verdict.verdict import Verdict
from helpers import Call
from helpers.studies import SETTINGS, finish, run
from helpers.workspaces import shared_workspace
from search_space.recipes import RECIPES
from search_space.spec import make_spec
from tracks.evaluation import State
from tracks.isolation.launcher import Launcher
from tracks.registry import get_track

WORTH = {"a": -0.4, "b": -0.2, "c": 0.1, "d": 0.3, "e": 0.0}


def made_up(
    count: int, noise: float, pair: float = 0.0
) -> tuple[list[frozenset[str]], list[float]]:
    drawn = random.Random(3)
    seen, values = [], []
    for _ in range(count):
        parts = frozenset(drawn.sample(sorted(WORTH), drawn.randint(1, 4)))
        both = pair if {"a", "b"} <= parts else 0.0
        values.append(sum(WORTH[p] for p in parts) + both + drawn.gauss(0, noise))
        seen.append(parts)
    return seen, values


def test_the_surrogate_finds_what_parts_are_worth_and_says_how_well() -> None:
    model = Surrogate(*made_up(60, 0.05))
    assert model.error < 0.1 < model.spread
    better = model.predict(frozenset("ab"))
    worse = model.predict(frozenset("cd"))
    assert better.mean < worse.mean
    assert better.chance_below(-0.3) > 0.9 > worse.chance_below(-0.3)
    assert better.gain_below(-0.3) > worse.gain_below(-0.3) >= 0
    gain = model.gain()
    assert gain.real
    assert gain.error < 0.1
    assert gain.explained > 0.9
    unknown = model.predict(frozenset(["a", "b", "never seen"]))
    assert unknown.std > better.std


def effect(model: Surrogate, *parts: str) -> float:
    """What a part, or a pair beyond its two parts, adds to the result."""
    neither, together = model.predict(frozenset()).mean, model.predict(frozenset(parts)).mean
    alone = [effect(model, part) for part in parts] if len(parts) > 1 else []
    return together - neither - sum(alone)


def test_pairs_are_seen_where_they_matter() -> None:
    plain, paired = Surrogate(*made_up(80, 0.02)), Surrogate(*made_up(80, 0.02, pair=0.8))
    assert paired.pairs > 0
    assert effect(paired, "a", "b") > max(0.1, effect(plain, "a", "b"))
    assert effect(plain, "a") < effect(plain, "d")


def test_noise_cannot_be_predicted_and_the_report_says_so() -> None:
    drawn = random.Random(5)
    seen, _ = made_up(60, 0.0)
    model = Surrogate(seen, [drawn.gauss(0, 1) for _ in seen])
    assert model.error > 0.85 * model.spread
    assert not model.gain().real
    assert model.gain().explained < 0.1
    said = Gain(error=1.0, spread=1.0, trials=60, explained=0.0, real=False)
    assert "No predictions" in model_line(said)
    assert "on the best seen" in model_line(replace(said, real=True))
    with pytest.raises(ValueError, match="at least 10"):
        Surrogate(seen[:9], [0.0] * 9)


def tried_specs(rank: Callable[[Parts], float]) -> list[Tried]:
    """Recipes and neighbours of them, ranked as if they had been trials."""
    found = []
    for number, (name, spec) in enumerate(RECIPES.items()):
        for copy in (0, 1):
            proposal = ProposalRecord(origin=Origin.RECIPE, label=name, digest="", spec=None)
            trial = FinishedTrial(
                number=2 * number + copy,
                status=Status.FINISHED,
                proposal=proposal,
                outcome=Outcome(state=State.COMPLETE),
            )
            parts = parts_in(spec)
            found.append(Tried("made-up", trial, spec, parts, rank(parts), result=10 * rank(parts)))
    return found


def test_predictions_are_shown_where_they_are_worth_something() -> None:
    def rank(parts: Parts) -> float:
        return 0.5 - 0.3 * ("momentum nesterov" in parts) + 0.2 * ("direction adam" in parts)

    rows, model = untried(tried_specs(rank), {}, "any")
    assert model
    assert model.real
    assert rows
    assert all(0 <= row.chance <= 1 and row.worth is None for row in rows)
    values = [row.value for row in rows]
    assert values == sorted(values, reverse=True)


def test_ablations_rank_where_predictions_are_noise() -> None:
    drawn = random.Random(1)
    tried = tried_specs(lambda parts: drawn.random())
    worth = {"momentum nesterov": Worth(2.0, 0.5, "x"), "direction adam": Worth(-1.0, 0.5, "y")}
    rows, model = untried(tried, worth, "any")
    assert model
    assert not model.real
    assert rows
    assert all(row.chance is None and row.worth > 0 for row in rows)
    assert any(row.worth == 2.0 and "nesterov" in row.change for row in rows)
    gains = [row.gain for row in rows]
    assert gains == sorted(gains, reverse=True)
    best = min(one.result or 0.0 for one in tried)
    for row in rows:
        (start,) = (one for one in tried if one.name == row.from_)
        assert row.gain == pytest.approx(row.worth - ((start.result or 0.0) - best))
        assert row.why
    won = {parts_in(make_spec(row.spec)): best - 5.0 for row in rows[:1]}
    after, _ = untried(tried, worth, "any", decided=won)
    assert [row.change for row in after] == [row.change for row in rows[1:]], "it has been tried"
    assert after[0].gain == pytest.approx(rows[1].gain - 5.0), "and it is the best now"
    assert untried(tried, {}, "any")[0] == [], "without ablations nothing is ranked"


def test_a_worth_of_another_scale_is_no_gain_for_certain() -> None:
    row = AblationRow(
        "tiny", Finding.NEEDED, 2.0, (1.9, 2.1), 3, None, None, "momentum", "nesterov", "none"
    )
    tiny = Ablation("steps", 2.0, (), (), (row,))
    whole = replace(tiny, rows=(replace(row, scale="full", delta=1.0, interval=(0.9, 1.1)),))
    drawn = random.Random(1)
    tried = [replace(one, result=0.0) for one in tried_specs(lambda parts: drawn.random())]
    for ablations, gain, tier in (({"a": tiny}, 2.0, 2), ({"a": tiny, "b": whole}, 1.0, 1)):
        worth = worth_of_parts(ablations, "full")
        rows, _ = untried(tried, worth, "any")
        added = [row for row in rows if row.change.startswith("momentum nesterov as in")]
        assert added
        assert {row.gain for row in added} == {gain}
        assert min(row.tier for row in added) == tier


def test_parts_of_a_spec_by_phase() -> None:
    parts = parts_in(RECIPES["cm_product_space"])
    assert "direction comp_muon" in parts
    assert "then coordinates product" in parts
    assert parts_in(make_spec({})) == {"direction normalised"}


@pytest.fixture(scope="module")
def three(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `runs` of three studies."""
    with shared_workspace(tmp_path_factory) as folder:
        run(launcher, SETTINGS, "first", Options(commit=False))
        ledger = Ledger(Workspace(folder))
        finish(launcher, ledger.create("second", replace(SETTINGS, budget=14, seed=1)))
        elsewhere = replace(SETTINGS, track="single_ar", budget=1)
        finish(launcher, ledger.create("elsewhere", elsewhere))
    return folder / "runs"


@pytest.fixture
def gathered(three: Path, workspace_folder: Path) -> Ideas:
    shutil.copytree(three, "runs", symlinks=True)
    ledger = Ledger(Workspace(workspace_folder))
    return ideas(ledger.all(), Asked(get_track("mqar"), "steps", "small"))


def test_everything_that_studies_tell(gathered: Ideas) -> None:
    assert gathered.studies == ["first", "second"]
    assert gathered.trials == 20
    standings = [entry.standing for entry in gathered.leaderboard]
    assert standings == ["confirmed", *["pending"] * (len(standings) - 1)]
    assert 1 < len(standings) <= 7, "at most three of each study"
    digests = [entry.digest for entry in gathered.leaderboard]
    assert len(set(digests)) == len(digests), "a recipe is a trial of many studies"
    confirmed, *pending = gathered.leaderboard
    verdict = Verdict.of(Ledger(Workspace(Path.cwd())).open("first"))
    assert verdict is not None
    assert verdict.official is not None
    of_first = [entry for entry in pending if entry.study == "first"]
    assert all(entry.score < verdict.official.incumbent for entry in of_first)
    assert confirmed.trial not in [entry.trial for entry in of_first]
    assert [record.study for record in gathered.records] == ["first"]
    studies = [Ledger(Workspace(Path.cwd())).open(name) for name in gathered.studies]
    trials = [trial for study in studies for trial in study.finished()]
    tried = {parts_in(make_spec(t.proposal.spec)) for t in trials}
    assert len(tried) > 10
    by = "value" if gathered.surrogate.real else "gain"
    values = [getattr(idea, by) for idea in gathered.untried]
    assert values == sorted(values, reverse=True)
    assert values
    for idea in gathered.untried:
        assert parts_in(make_spec(idea.spec)) not in tried
    assert gathered.surrogate.error > 0
    taken = [row for row in gathered.negative if "ablation of first" in row.evidence]
    assert taken, "what an ablation took out is a negative result"
    text = markdown(ideas_document(gathered))
    for title in ("# Ideas for mqar", "## Standings", "## Untried", "## Changelog of records"):
        assert title in text


def test_parts_that_are_no_longer_known_are_passed_over(
    gathered: Ideas, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgotten(choices: Any) -> Any:
        if "schedule" in choices["phases"][0]:
            raise ValueError("no part named that")
        return make_spec(choices)

    monkeypatch.setattr("agent.study.records.make_spec", forgotten)
    ledger = Ledger(Workspace(Path.cwd()))
    assert ideas(ledger.all(), Asked(get_track("mqar"), "steps", "small")).trials < gathered.trials


def test_the_verb(call: Call, gathered: Ideas) -> None:
    words = ["ideas", "--track", "mqar", "--scale", "small"]
    status, out, _ = call(*words, "--json")
    assert status == 0
    told = json.loads(out)
    known = json.loads(json.dumps(gathered.to_json()["untried"]))
    assert told["untried"] == known[: len(told["untried"])]
    status, out, _ = call(*words, "--markdown", "ideas.md")
    assert status == 0
    assert "Untried combinations" in out
    assert "# Ideas for mqar" in Path("ideas.md").read_text()
    status, out, _ = call("ideas", "--track", "random_teacher")
    assert status == 0
    assert "Nothing yet" in out
    assert call(*words, "--watch", "1", "--json")[0] == 2


def test_watch_shows_what_a_study_adds(
    call: Call, finished_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            shutil.copytree(finished_runs, "runs", dirs_exist_ok=True)
        elif len(pauses) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("agent.cli.ideas.time.sleep", pause)
    words = ["ideas", "--track", "mqar", "--scale", "small", "--watch", "2", "--html", "i.html"]
    status, out, error = call(*words)
    assert status == 130
    assert pauses == [120.0] * 3
    assert "Nothing yet" in out
    assert out.count("Standings") == 1, "what did not change is not shown again"
    (kept,) = Path("i.html.changes").iterdir()
    assert "+## Standings" in kept.read_text()
    assert error == f"changed: {kept}\nautoresearch: interrupted\n"
