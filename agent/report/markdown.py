"""A document as Markdown."""

from collections.abc import Sequence

from agent.report.data import Report
from agent.report.section import Document, Section
from agent.report.sections.study import study_document
from agent.report.tables import inert, table


def study_report(report: Report) -> str:
    """The report of a study."""
    return markdown(study_document(report))


def markdown(document: Document) -> str:
    lead = map(inert, document.lead)
    blocks = [f"# {document.title}", *lead, sections(document.sections)]
    if document.standing not in ("", "open"):
        word = document.standing.capitalize()
        blocks[1] = blocks[1].replace(word, f"**{word}**", 1)
    return "\n\n".join(blocks) + "\n"


def sections(given: Sequence[Section], level: int = 2) -> str:
    """Headings of this level and below."""
    return "\n\n".join(f"{'#' * level} {one.title}\n\n{body(one, level)}" for one in given)


def body(section: Section, level: int = 2) -> str:
    """A section without its title, which is a heading of this level."""
    cells = section.table
    blocks = [inert(text) for text in section.text]
    blocks += [table(cells.header, cells.rows)] if cells and cells.rows else []
    blocks += [inert(note) for note in section.notes]
    blocks += ["```\n" + "\n".join(section.commands) + "\n```"] if section.commands else []
    blocks += [sections(section.parts, level + 1)] if section.parts else []
    return "\n\n".join(blocks)
