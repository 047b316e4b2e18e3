"""Warm start: a study takes over what earlier studies of its track found best."""

from dataclasses import replace

import pytest

from agent.proposers.sampled import propose
from agent.search.sources import Sources
from agent.study.earlier import best_earlier
from agent.study.ledger import Ledger
from agent.study.records import Origin, Outcome, ProposalRecord
from agent.study.settings import Earlier, Settings
from helpers.studies import SETTINGS, STRONG
from search_space.recipes import RECIPES
from search_space.spec import Spec, make_spec
from tracks.evaluation import State

EMPTY = replace(SETTINGS, recipes=False)
OTHER = make_spec({"momentum": {"part": "ema", "beta": 0.7}})


def told(
    ledger: Ledger, name: str, settings: Settings, *results: tuple[Spec, float, Origin]
) -> None:
    """A study that has these trials."""
    study = ledger.create(name, settings)
    for spec, value, origin in results:
        trial = study.ask()
        trial.keep_proposal(
            ProposalRecord(origin=origin, label="", digest=spec.identifier, spec=spec.to_json())
        )
        trial.end(Outcome(state=State.COMPLETE, score=value), value)


def test_the_best_of_comparable_studies_are_taken_once(ledger: Ledger) -> None:
    muon = RECIPES["muon"]
    told(ledger, "a", EMPTY, (OTHER, 40.0, Origin.SAMPLED), (muon, 2.0, Origin.RECIPE))
    told(ledger, "b", EMPTY, (OTHER, 41.0, Origin.SAMPLED), (STRONG, 30.0, Origin.SAMPLED))
    told(ledger, "c", replace(EMPTY, objective="final"), (muon, 1.0, Origin.SAMPLED))
    found = best_earlier(ledger.all(), EMPTY)
    assert [(one.study, one.trial) for one in found] == [("b", 1), ("a", 0)]
    assert found[0].spec == STRONG.to_json()


def test_a_warm_study_tries_them_first_and_keeps_them(ledger: Ledger) -> None:
    earlier = (Earlier("b", 1, STRONG.to_json()), Earlier("a", 0, {"momentum": {"part": "gone"}}))
    ledger.create("warm", replace(EMPTY, warm_start=earlier))
    study = ledger.open("warm")
    assert study.settings.warm_start == earlier
    Sources().prepare(study)
    Sources().prepare(study)
    first = propose(study.ask(), "tables", 80)
    assert (first.origin, first.label) == (Origin.EARLIER, "trial 1 of b")
    assert first.spec
    assert first.spec.identifier == STRONG.identifier
    assert propose(study.ask(), "tables", 80).origin is Origin.SAMPLED


def test_a_small_budget_names_them(ledger: Ledger) -> None:
    earlier = (Earlier("b", 1, STRONG.to_json()),)
    study = ledger.create("warm", replace(EMPTY, budget=10, warm_start=earlier))
    assert "1 of earlier studies, 9 random draws come before" in Sources().warning(study)


@pytest.mark.parametrize("settings", [EMPTY, replace(EMPTY, warm_start=(Earlier("b", 1, {}),))])
def test_settings_read_back_equal(settings: Settings) -> None:
    assert Settings.from_json(settings.to_json()) == settings
