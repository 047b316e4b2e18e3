"""Techniques that a text names: by the signatures of parts, and by terms that match none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.knowledge.survey.lines import BEFORE, line_around, without_asides
from search_space.registry import KINDS
from tracks.printable import plain

SIGNATURES = {
    f"{kind.name} {part.name}": part.pattern
    for kind in KINDS
    for part in kind.parts
    if part.signature
}
DENIED = re.compile(
    r"\b(?:no|not|without|unlike|than|vs\.?|versus|against|over|beats?|outperforms?|relative\sto"
    r"|compared\s(?:to|with)|instead\sof|replac(?:es|ed|ing))\s+"
    r"(?:[\w-]+(?:,\s+(?:and\s+|or\s+)?|\s+(?:and|or)\s+)){0,4}"
    r"(?:(?:an?|any|the|plain|standard|tuned|baseline)\s+)*$",
    re.I,
)
BASELINE = re.compile(r"\s+baselines?\b", re.I)
SWITCHED_OFF = re.compile(
    r"""\w{0,20}["']?(?:\s?:\s?\w{1,20})?\s?[=:]\s?(?:0(?:\.0*)?(?![\d.e])|False|None)(?!\w)"""
)
WORDS = re.compile(r"[^\W\d_]+(?:[ '\u2010-\u2015-][^\W\d_]+)*")

TERM = re.compile(
    r"^[ \t]*(?:#{2,6}[ \t]+(?P<heading>[^\n]{3,100})$"
    r"|(?:(?:[-*+]|\d+[.)])[ \t]+)?\*\*(?P<bold>[^*\n]{3,100})\*\*"
    r"|(?:[-*+]|\d+[.)])[ \t]+(?P<lead>[^:*\n]{3,60}):(?=\s))",
    re.M,
)
INTRODUCED = re.compile(r"(?:idea|mechanism|technique|trick)[ \t]*\d*[ \t]*[:.][ \t]*", re.I)
TECHNICAL = re.compile(
    r"(?:annealing|averaging|balanc(?:e|ing)|boost|brake|clipping|cooldown|correction|curvature"
    r"|damping|decay|extrapolation|filter(?:ing)?|floor|gating|gauge|interpolation|lookahead|mask"
    r"|mixing|momentum|noise|normali[sz]ation|orthogonali[sz]ation|perturbation|polar|precondition"
    r"(?:er|ing)|projection|ramp|regulari[sz]ation|rescaling|reset|restarts?|rotation|schedule"
    r"|shrinkage|subspace|trust\sregion|whitening|muon|adam|soap|shampoo|sgd)(?![a-z])",
    re.I,
)
GENERAL = re.compile(
    r"\b(?:accuracy|audit\w*|baselines?|benchmarks?|changes?|compar\w*|config\w*|files?|how|install"
    r"|learning|licen[sc]e|logs?|lr|mse|loss|notes?|official|\w*param\w*|problems?|reproduc\w*"
    r"|results?|runs?|seeds?|steps?|submission|summary|sweeps?|train\w*|usage|warm-?up|what|why)\b",
    re.I,
)
"""Words of headings that name no technique, and of what every schedule has."""
MOST_TERMS = 5
MOST_WORDS = 6
LONGEST_TERM = 60


@dataclass(frozen=True)
class Mention:
    """The name of a technique in a text, its part if there is one, and the line as evidence."""

    name: str
    part: str | None
    evidence: str


def parts_named(text: str) -> Iterator[Mention]:
    """The first mention of each part in prose or code.

    Skipped are tables, imports, links, messages and references; techniques that are denied,
    compared with or switched off ("without", "better than", "= 0"); and a piece of a longer name:
    cautious weight decay is not weight decay.
    """
    read = without_asides(text)
    spans: dict[tuple[int, int], list[str]] = {}
    for part, signature in SIGNATURES.items():
        for match in signature.finditer(read):
            spans.setdefault(match.span(), []).append(part)
    named: set[str] = set()
    reach = 0
    for (start, end), parts in sorted(spans.items(), key=lambda span: (span[0][0], -span[0][1])):
        is_piece, reach = end <= reach, max(reach, end)
        denied = DENIED.search(read[max(0, start - BEFORE) : start]) or BASELINE.match(read, end)
        if is_piece or denied or SWITCHED_OFF.match(read, end):
            continue
        for part in parts:
            if part not in named:
                named.add(part)
                name = plain(text[start:end])
                called = name if WORDS.fullmatch(name) else part.split()[1].replace("_", " ")
                yield Mention(called, part, line_around(text, start, end))


def terms_without_part(readme: str) -> Iterator[Mention]:
    """Headings, bold terms and heads of list items that look like techniques without a part."""
    known: set[str] = set()
    for match in TERM.finditer(readme):
        term = match["heading"] or match["bold"] or match["lead"]
        introduced = INTRODUCED.match(term)
        head = term[introduced.end() if introduced else 0 :].split(":")[0]
        words = re.split(r"[(=.,;]| - |\u2013|\u2014", head)[0].strip(" *_#")
        name = plain(words, LONGEST_TERM)
        if name.lower() in known or not _technical(words, bool(introduced)):
            continue
        if any(signature.search(head) for signature in SIGNATURES.values()):
            continue
        known.add(name.lower())
        yield Mention(name, None, line_around(readme, match.start(), match.end()))
        if len(known) == MOST_TERMS:
            return


def _technical(term: str, introduced: bool) -> bool:
    """Whether a term is technical; a single word must look coined, as RowFloor does."""
    words = term.split()
    if not 1 <= len(words) <= MOST_WORDS or GENERAL.search(term) or re.search(r"[`\[\]/<>]", term):
        return False
    coined = len(words) > 1 or re.search(r"[a-z][A-Z]|[A-Z]{2}[a-z]", term)
    return bool(introduced or (coined and TECHNICAL.search(term)))
