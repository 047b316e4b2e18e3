"""What documents name is there: files, headings, verbs, options, scripts, extras."""

import re
import tomllib

import pytest

from helpers import ROOT
from helpers.pages import anchors, commands, links, pages, text_of
from helpers.shown import problem

SCRIPT = re.compile(r"python (-m (?:searches|track3)[\w.]*|benchmarks/\w+\.py)([^`\n]*)")
OPTION = re.compile(r"--[a-z][\w-]*")


def test_links_and_anchors_lead_somewhere() -> None:
    found = {page: list(links(page)) for page in pages()}
    known = {target: anchors(target) for row in found.values() for target, name in row if name}
    missing = [
        f"{page.name}: {target.name}#{anchor}"
        for page, row in found.items()
        for target, anchor in row
        if not target.exists() or (anchor and anchor not in known[target])
    ]
    assert missing == []


def test_commands_have_a_verb_and_its_options() -> None:
    # rows of bad input are run by another test
    shown = [(p.name, line) for p in pages() if p.name != "bad-input.md" for line in commands(p)]
    assert len(shown) > 200
    assert [one for one in shown if problem(one[1])] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("run --track mqar --bugdet 3", "--bugdet"),
        ("space rendre muon", "rendre"),
        ("dance", "dance"),
        ("run --track mqar --on-event 'curl --silent x' | head --lines 3", ""),
    ],
)
def test_what_is_wrong_with_a_command_is_found(line: str, wrong: str) -> None:
    assert problem(line) == wrong


def sources(script: str) -> str:
    """The text of a benchmark and of those that may read its options for it."""
    folder = ROOT / "benchmarks"
    if script.startswith("-m"):
        files = [*(folder / script.split()[1].split(".")[0]).glob("*.py")]
    else:
        files = [ROOT / script, folder / "supervised.py"]
    return "".join(map(text_of, files))


def test_benchmarks_have_the_options_that_documents_give_them() -> None:
    found = [match for page in pages() for match in SCRIPT.findall(text_of(page))]
    assert len(found) > 20
    unknown = [
        (script, option)
        for script, rest in found
        for option in OPTION.findall(rest)
        if f'"{option}"' not in sources(script)
    ]
    assert unknown == []


def test_the_page_of_installation_has_every_extra() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    page = text_of(ROOT / "docs" / "install.md")
    for extra in project["optional-dependencies"]:
        assert re.search(rf"^\| `pip install [^|]*\[{extra}\]", page, re.M), extra
