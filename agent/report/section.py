"""A report as a list of sections; the terminal, Markdown and the page only lay it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.report.charts import Chart


@dataclass(frozen=True)
class Table:
    """Cells as text; "-" stands for what does not apply or was not measured."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """Paragraphs, then charts, a table, small print and commands, then parts one level below.

    What stands between backticks in the text is code.
    """

    key: str
    title: str
    text: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    table: Table | None = None
    notes: Sequence[str] = ()
    commands: Sequence[str] = ()
    parts: Sequence["Section"] = ()
    brief: bool = True
    """Whether the terminal shows it too."""
    folded: bool = False
    """Whether the page shows its title alone until it is opened."""

    @property
    def empty(self) -> bool:
        """Notes alone are nothing to show."""
        rows = self.table and self.table.rows
        return not (self.text or self.charts or rows or self.commands or self.parts)


def shown(*sections: Section) -> list[Section]:
    """Those that are not empty."""
    return [section for section in sections if not section.empty]


@dataclass(frozen=True)
class Document:
    """A whole report; figures are (value, meaning).

    Its standing is open, accepted or refused, or empty where it is about no verdict.
    """

    title: str
    standing: str
    lead: Sequence[str]
    figures: Sequence[tuple[str, str]]
    sections: Sequence[Section]
