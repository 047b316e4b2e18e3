"""A made-up verdict, as a challenger gets it that nothing speaks against."""

from dataclasses import replace
from typing import Any

from agent.verdict.verdict import Verdict

MADE_UP = Verdict(
    accepted=True,
    challenger="ours",
    challenger_digest="a" * 64,
    incumbent="theirs",
    incumbent_digest="b" * 64,
    track="mqar",
    scale="full",
    objective="steps",
    unit="steps",
    min_effect=0.0,
    alpha=0.01,
    reason="better",
)


def verdict(**changed: Any) -> Verdict:
    return replace(MADE_UP, **changed)
