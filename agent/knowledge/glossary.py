"""The words of a commentary: parts as the search space has them, the others defined here."""

import re
from dataclasses import dataclass

from agent.verdict.ablation_record import Finding
from search_space.registry import KINDS
from search_space.spec import CONDITION


@dataclass(frozen=True)
class Term:
    term: str
    meaning: str


WORDS = {
    "official": "the instance of a track with public seeds, which everybody can compute: it ranks",
    "held-out instances": "instances of a track drawn after both files were frozen, so that no "
    "optimizer can be designed for them",
    "confirmed": "better than the incumbent in a paired test on held-out instances, p below the "
    "level that the study had left for it",
    "pending": "measured, and neither confirmed nor refused",
    "refused": "compared on held-out instances and not better, or a run of it failed",
    "one evaluation": "a single run on the official instance: it has no interval, and the best of "
    "many such runs is too good on average",
    "interval": "where the true mean is with 95% confidence, if the differences are about normal",
    "incumbent": "the best submission of the workspace when a study compares",
    "rank": "the place of a trial in its study, from 0 for the best to 1 for the worst",
    "chance to be best": "the model's probability that a combination is better than the best seen",
    "expected gain": "the mean of what a combination gains on the best seen, counted as 0 where it "
    "loses (expected improvement, Jones et al. 1998)",
    "gain on the best": "by how much a combination is expected to be better than the best result "
    "seen; below zero it is worse",
    "measured worth": "what ablations measured of the added parts less that of the lost ones",
    "interaction": "L(neither) - L(without one) - L(without the other) + L(both), with L the loss: "
    "above zero one part stands in for the other, below zero they need each other",
    "stacked": "a technique that improved the trial that it was joined to",
    "pruned": "stopped in a small run, because its result there was not promising",
    "recipe": "a known optimizer of the search space, with its published numbers",
    "sampled": "drawn by the search",
    "tuned": "a known optimizer with numbers drawn by the search",
    "composed": "a technique of a survey joined to the best trial of its time",
    "agent": "handed in with a hypothesis by a person or an agent",
    "llm": "written by a language model that the study asked",
}
"""Words by their meaning, in the order in which a reader meets them."""


def glossary(text: str) -> list[Term]:
    """The words and parts that occur in a text: words first, then findings, then parts."""
    known = {**WORDS, **{str(finding): finding.meaning for finding in Finding}}
    words = [Term(word, meaning) for word, meaning in known.items() if _occurs(word, text)]
    return [*words, *_parts(text)]


def _parts(text: str) -> list[Term]:
    """The parts that a text names as `kind part`."""
    found = []
    for kind in KINDS:
        for part in kind.parts:
            if _occurs(name := f"{kind.name} {part.name}", text):
                formula = "; ".join(CONDITION.sub("", line) for line in part.formulas)
                about = [part.summary, formula, f"source: {part.source}"]
                said = [one for one in about if one and one != "source: "]
                found.append(Term(name, ". ".join(said)))
    return found


def _occurs(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text, re.IGNORECASE) is not None
