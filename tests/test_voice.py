"""One voice: the words of the field, and none of those that were given up for them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import ROOT

INSTEAD = {
    r"anew|alike|whoever|mend(s|ed)?": "a common word",
    r"what is known|nobody has seen": "a subject, a verb, an object",
    r"so many": "a number",
    r"barnacles?|can do without|hurts": "redundant, harmful (docs/ablation.md names the barnacle)",
    r"fresh instances?": "held-out instance",
    r"twins?": "replicate",
    r"by formula": "closed-form gradients",
    r"likeness": "behavioural fingerprint",
    r"(a )?faults? of ours": "internal error",
    r"purse": "budget, cost",
    r"wishes": "overrides",
    r"researcher outside|outside researcher": "external proposal",
}
"""Words by what is written in place of them."""
READ = ("README.md", "SKILL.md", "SECURITY.md", "CONTRIBUTING.md")
KINDS = {".py", ".md", ".j2"}
ALLOWED = {"docs/ablation.md": {"barnacle"}}
STILL: set[str] = set()
"""Files that have such words still; one that is clean goes."""


def files() -> Iterator[Path]:
    """Whatever a person or an agent reads of the project, its source as well."""
    yield from (ROOT / name for name in READ)
    for folder in ("agent", "autoresearch", "docs", "search_space", "tracks"):
        yield from sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in KINDS)


def given_up(path: Path) -> list[str]:
    # a string that goes on in the next line is one string
    text = re.sub(r'"\s*\n\s*[fr]?"', "", path.read_text(encoding="utf-8"))
    allowed = ALLOWED.get(path.relative_to(ROOT).as_posix(), set())
    return [
        f"...{text[max(0, found.start() - 40) : found.end() + 20]}...: write {instead}"
        for words, instead in INSTEAD.items()
        for found in re.finditer(rf"(?<![\w-])({words})(?![\w-])", text, re.IGNORECASE)
        if found[0].lower() not in allowed
    ]


def test_words_that_were_given_up_stay_away(subtests: pytest.Subtests) -> None:
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        found = given_up(path)
        if name in STILL:
            assert found, f"take {name} out of STILL"
        else:
            with subtests.test(name):
                assert not found
