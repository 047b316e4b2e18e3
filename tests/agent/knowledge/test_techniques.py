"""The ledger of techniques: what is one, one of each, and two who add at once."""

import json
import multiprocessing
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.knowledge.ideas import Asked, ideas
from agent.knowledge.techniques import Technique, Techniques
from agent.study.errors import UserError
from tracks.printable import QUOTED, plain
from tracks.registry import get_track

MUON = Technique("Muon", "a of /b", "mse 1", "high", "direction muon", "uses Muon")


def test_plain_keeps_to_its_length() -> None:
    assert plain("a" * 160) == "a" * 160
    assert plain("a" * 161) == "a" * 157 + "..."
    assert plain("\u03bb\r\n\tdecay\x00\u2028") == "\u03bb decay"


def test_a_technique_survives_json() -> None:
    for technique in (MUON, replace(MUON, part=None, claimed_gain="")):
        kept = json.loads(json.dumps(technique.to_json()))
        assert Technique.from_json(kept) == technique
    content = MUON.to_json() | {"name": "new\n`line`", "evidence": "x" * 999}
    cleaned = Technique.from_json(content)
    assert (cleaned.name, len(cleaned.evidence)) == ("new 'line'", QUOTED)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bucket": "huge"}, "bucket 'huge': expected high, medium, low"),
        ({"part": "muon"}, "part 'muon': expected a kind and a part, or null"),
        ({"part": "direction nope"}, "direction: no part named 'nope'; there are: normalised"),
        ({"part": "nope muon"}, "no kind named 'nope'"),
        ({"part": 3}, "part: expected a text, got 3"),
        ({"name": ""}, "name: expected a text that is not empty"),
        ({"name": " \n"}, "name: expected a text that is not empty"),
        ({"name": None}, "name: expected a text, got None"),
        ({"evidence": ["x"]}, r"evidence: expected a text, got \['x'\]"),
        ({"more": 1}, "expected the fields name, source, claimed_gain, bucket, part, evidence;"),
    ],
)
def test_what_is_no_technique_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Technique.from_json(MUON.to_json() | change)


def test_only_objects_with_every_field_are_techniques() -> None:
    for content in (None, "Muon", [MUON.to_json()]):
        with pytest.raises(ValueError, match="expected an object for a technique"):
            Technique.from_json(content)
    with pytest.raises(ValueError, match=r"expected the fields name, .* there are: none"):
        Technique.from_json({})


def test_a_ledger_keeps_one_of_each(tmp_path: Path) -> None:
    ledger = Techniques(tmp_path / "runs")
    assert ledger.all() == []
    new = replace(MUON, name="Brake", part=None)
    elsewhere = replace(MUON, source="z of /b")
    assert ledger.add([MUON, new, elsewhere, MUON]) == 3
    again = replace(MUON, name="muon", bucket="low")
    assert ledger.add([again, replace(new, evidence="more"), replace(new, name="Other")]) == 1
    assert [(one.bucket, one.name) for one in ledger.all()] == [
        ("high", "Brake"), ("high", "Muon"), ("high", "Other"), ("low", "muon"),
    ]  # fmt: skip
    assert ledger.all()[0].evidence == "more"
    commit = "https://x at " + "a" * 40
    ledger.add([replace(MUON, source=commit)])
    assert ledger.add([replace(MUON, source=commit.replace("a" * 40, "b" * 40))]) == 0
    content = json.loads((tmp_path / "runs" / "techniques.json").read_text())
    assert content["schema_version"] == 1
    assert len(content["techniques"]) == 5


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"schema_version": 2, "techniques": []}',
                                  '{"schema_version": 1, "techniques": [{}]}'])  # fmt: skip
def test_a_file_that_is_no_ledger_is_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "techniques.json"
    file.write_text(text)
    with pytest.raises(UserError, match=r"not a ledger of techniques .*; fix it or remove it"):
        Techniques(tmp_path).add([MUON])
    assert file.read_text() == text


def _add_some(runs: Path, who: str) -> None:
    for number in range(20):
        Techniques(runs).add([replace(MUON, source=f"{who}{number}")])


@pytest.mark.processes
def test_two_processes_add_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    adding = [context.Process(target=_add_some, args=(tmp_path, who)) for who in "ab"]
    for process in adding:
        process.start()
    for process in adding:
        process.join()
    assert len(Techniques(tmp_path).all()) == 40


def test_ideas_have_the_parts_that_the_search_offers_a_model_of_any_kind() -> None:
    track = copy(get_track("mqar"))
    product = replace(MUON, part="coordinates product")
    assert not ideas([], Asked(track, "final"), techniques=[product]).elsewhere
    track.structure = "any"
    found = ideas([], Asked(track, "final"), techniques=[product])
    assert [one.name for one in found.elsewhere] == ["Muon"]
    assert "coordinates product" in found.unused
