"""The commentary on a track: standings, what to try, what does not work, and how it came to be."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from agent.knowledge.glossary import glossary
from agent.knowledge.ideas import SHOWN, Ideas
from agent.report.section import Document, Section, Table, shown
from agent.report.sections.bounded import minute, table_section
from agent.report.sections.lineage import adoption, lineage
from agent.report.sections.records import records
from agent.report.sections.standings import standings
from agent.report.sections.untried import UNUSED, untried
from agent.verdict.figures import between, figure
from tracks.registry import get_track


def ideas_section(data: Ideas) -> Section:
    """All of it as one section; empty where no study has trials made of parts."""
    parts = sections(data) if data.trials else []
    return Section("ideas", title(data), parts=parts, brief=False, folded=True)


def ideas_document(data: Ideas, most: int = SHOWN, *, words: bool = True) -> Document:
    """As a report of its own, with `most` rows of each table; with `words` it has a glossary."""
    track = shlex.quote(get_track(data.track).track_option)
    nothing = f"Nothing yet: `autoresearch run --track {track}` begins."
    found = sections(data, most)
    terms = shown(_glossary(found)) if words else []
    lead = _lead(data) if data.leaderboard or data.trials else [nothing]
    if data.left_out:
        others = ", ".join(data.left_out)
        lead = [*lead, f"Left out, as the track's file was another when they began: {others}."]
    heading = f"Ideas for {data.track} (scale {data.scale})"
    return Document(heading, "", lead, _figures(data), [*found, *terms])


def sections(data: Ideas, most: int = SHOWN) -> list[Section]:
    """What `knowledge.ideas` found; empty tables are left out."""
    return shown(
        standings(data, most),
        untried(data, most),
        _negative(data, most),
        _interactions(data, most),
        _surveyed(data, most),
        records(data, most),
        adoption(data, most),
        lineage(data, most),
    )


def title(data: Ideas) -> str:
    return (
        f"Ideas for {data.track} (scale {data.scale}): trials made of parts: "
        f"{data.trials} of {_studies(data)}"
    )


def _studies(data: Ideas) -> str:
    count = len(data.studies)
    return "one study" if count == 1 else f"{count} studies"


def _lead(data: Ideas) -> list[str]:
    return [
        f"From {data.trials} trials made of parts, of {_studies(data)}, and from the submissions "
        f"of this workspace, as of {minute(data.as_of)} UTC. A result on the official instance is "
        "one evaluation, unless an interval says more; only a comparison on held-out instances "
        "confirms."
    ]


def _figures(data: Ideas) -> list[tuple[str, str]]:
    count = Counter(entry.standing for entry in data.leaderboard)
    found = [(str(number), standing) for standing, number in count.items()]
    return [*found, (str(data.trials), f"trials made of parts, of {_studies(data)}")]


def _negative(data: Ideas, most: int) -> Section:
    return table_section(
        "What does not work",
        "Parts that an ablation found redundant or harmful, and parts of no good trial. The trials "
        "are one evaluation each, of whatever else they were made of.",
        ["part", "evidence"],
        [[row.part, row.evidence] for row in data.negative],
        shown=2 * most,
    )


def _interactions(data: Ideas, most: int) -> Section:
    rows = []
    for row in data.interactions:
        low, high = row.interval or (row.interaction, row.interaction)
        kind = "one stands in for the other" if row.interaction > 0 else "they need each other"
        measured = f"{figure(row.interaction, '+.4g')} {row.unit}"
        where = f"{row.instances} held-out instances at scale {row.scale}, {row.study}"
        rows.append([*row.parts, measured, between((low, high)), kind, where])
    header = ["part", "and", "interaction", "95% interval", "so", "measured on"]
    note = "Measured pairs whose interval excludes zero."
    return table_section("Interactions", note, header, rows, shown=most)


def _surveyed(data: Ideas, most: int) -> Section:
    rows = [
        [
            row.bucket,
            row.name,
            row.part or "needs a new part",
            row.claimed_gain or "-",
            row.source,
            f"{row.stacked} of {row.composed}" if row.composed else "not tried",
        ]
        for row in data.elsewhere
    ]
    note = (
        "Techniques that a survey found. Claimed: by the source, not measured here; stacked: the "
        "trials that they joined improved, one evaluation each."
    )
    header = ["bucket", "technique", "part", "claimed", "source", "stacked"]
    return table_section("Surveyed techniques", note, header, rows, shown=2 * most)


def _glossary(found: Sequence[Section]) -> Section:
    """The technical words of these sections, without the list of parts that nobody tried."""
    terms = glossary("\n".join(_texts(found)))
    table = Table(["word", "meaning"], [[one.term, one.meaning] for one in terms])
    return Section("ideas-glossary", "Glossary", table=table, brief=False, folded=True)


def _texts(found: Sequence[Section]) -> Iterator[str]:
    for section in found:
        if section.key == UNUSED:
            continue
        yield from (section.title, *section.text, *section.notes)
        if section.table and section.table.rows:
            yield from section.table.header
            yield from (cell for row in section.table.rows for cell in row)
        yield from _texts(section.parts)
