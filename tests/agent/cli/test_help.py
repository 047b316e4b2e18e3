"""`--help` and docs/commands.md: headings, examples that parse, nothing cut off."""

import re
import shlex
from typing import Any

import pytest
import typer

from agent.cli.main import VERBS, app
from helpers import ROOT, Call
from helpers.commands_page import page

HEADINGS = ["Run", "Measure", "Study", "Exchange", "Agents"]
EXAMPLE = re.compile(r"^ {4}autoresearch (.+)$", re.M)
ROOT_COMMAND: Any = typer.main.get_command(app)


def verbs(command: Any = ROOT_COMMAND, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every verb as words, groups included."""
    found = [words] if words else []
    for name, below in getattr(command, "commands", {}).items():
        found += verbs(below, (*words, name))
    return found


def parse(words: list[str]) -> None:
    """Parse a command line without running it. Raises what typer raises."""
    command, context = ROOT_COMMAND, None
    for word in words[:2]:
        if word not in getattr(command, "commands", {}):
            break
        context = typer.Context(command, info_name=word, parent=context)
        command, words = command.commands[word], words[1:]
    command.make_context("verb", list(words), parent=context)


def test_the_page_of_commands_is_up_to_date() -> None:
    """`make docs` writes it."""
    assert (ROOT / "docs" / "commands.md").read_text() == page()


def test_verbs_stand_under_five_headings(call: Call) -> None:
    status, out, _ = call("--help")
    assert status == 0
    assert list(VERBS) == HEADINGS
    assert re.findall(r"^(\w+):$", out, re.M) == ["Options", *HEADINGS]
    assert "..." not in out.split("Options:")[1], "a line of help is cut off"


@pytest.mark.parametrize("words", verbs(), ids=" ".join)
def test_every_verb_has_examples_that_parse(call: Call, words: tuple[str, ...]) -> None:
    status, out, error = call(*words, "--help")
    assert (status, error) == (0, "")
    assert out.isascii()
    assert not re.search(r"^  .*\.\.\.$", out, re.M), "a line of help is cut off"
    examples = EXAMPLE.findall(out)
    assert examples
    for example in examples:
        asked = shlex.split(example.split(" > ")[0])
        assert asked[: len(words)] == list(words)
        parse(asked)


def test_options_are_named_alike() -> None:
    """One name a meaning: no verb has its own word for what another one has."""
    names = set(re.findall(r"^  (--[a-z-]+)", page(), re.M))
    assert {"--timeout", "--seed", "--seeds", "--jobs", "--device", "--min-sandbox"} <= names
    assert names.isdisjoint({"--trial-timeout", "--instances", "--fresh", "--twins"})
