"""The verbs of the search space, and its page of documentation."""

import json
from pathlib import Path

import pytest

from helpers import ROOT, Call
from search_space.document import components
from search_space.recipes import RECIPES
from search_space.registry import KINDS


def test_the_page_of_components_is_up_to_date() -> None:
    assert (ROOT / "docs" / "components.md").read_text() == components()


def test_every_part_is_documented() -> None:
    page = components()
    for kind in KINDS:
        for part in kind.parts:
            assert f"#### {kind.name}: {part.name}" in page
            assert part.name == kind.neutral or (part.formula and part.source)
            for param in kind.params(part.name):
                assert f"| {param.name} |" in page
                assert param.meaning


def test_list_and_show(call: Call) -> None:
    status, out, _ = call("space", "list")
    assert status == 0
    assert all(name in out for name in RECIPES)
    content = json.loads(call("space", "list", "--json")[1])
    assert set(content["recipes"]) == set(RECIPES)
    assert set(content["kinds"]) == {kind.name for kind in KINDS}
    status, out, _ = call("space", "show", "product_space")
    assert (status, "coordinates  product" in out) == (0, True)
    assert "C^-1 msign" in call("space", "show", "direction.comp_muon")[1]
    assert "#### momentum: nesterov" in call("space", "show", "momentum")[1]
    assert call("space", "components")[1] == components()


def test_render_and_show_fit_together(call: Call) -> None:
    assert call("space", "render", "muon", "-o", "muon.py")[0] == 0
    Path("muon.json").write_text(call("space", "show", "muon", "--json")[1])
    assert call("space", "render", "muon.json")[1] == Path("muon.py").read_text()
    assert call("space", "render", "muon", "--track", "mqar")[1] == Path("muon.py").read_text()
    assert "max_steps: int = 77)" in call("space", "render", "muon", "--max-steps", "77")[1]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["show", "nope"], "'nope' is no recipe and no part; `autoresearch space list` shows"),
        (["show", "direction.nope"], "direction: no part named 'nope'; there are: normalised"),
        (["show", "direction", "--json"], "--json shows recipes"),
        (["render", "nope"], "no recipe named 'nope'; there are: adamw, adamw_fast"),
        (["render", "adamw", "--track", "nope"], "no track named 'nope'"),
        (
            ["render", "adamw", "-o", "missing/x.py"],
            "--output missing/x.py: its folder does not exist",
        ),
        (["render", "missing.json"], "missing.json: No such file"),
        (["render", "bad.json"], "bad.json: expected JSON, but"),
        (["render", "list.json"], "list.json: expected a JSON object of kinds"),
        (["render", "kind.json"], "kind.json: no kind named 'x'"),
    ],
)
def test_bad_input_gets_one_line(call: Call, words: list[str], line: str) -> None:
    Path("bad.json").write_text("{")
    Path("list.json").write_text("[]")
    Path("kind.json").write_text('{"x": {}}')
    status, out, error = call("space", *words)
    assert (status, out) == (2, "")
    assert error.startswith(f"autoresearch: {line}")
    assert error.count("\n") == 1
