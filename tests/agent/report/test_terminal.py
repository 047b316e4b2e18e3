"""Tables on the terminal: ASCII where the stream has no more, columns aligned with wide letters."""

import io

from rich.cells import cell_len
from rich.console import Console

from agent.report.charts import Bars
from agent.report.markdown import markdown
from agent.report.section import Document, Section, Table
from agent.report.terminal import print_document
from agent.report.terminal_table import print_table

HEADER = ["optimizer", "final"]
ROWS = [["adamw", "0.5"], ["\u5b66\u7fd2\u7387", "0.25"], ["\u00e9t\u00e9", "missed"]]


def test_an_ascii_stream_gets_ascii() -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="ascii", errors="backslashreplace")
    print_table(Console(file=stream, width=60), "t", HEADER, ROWS)
    stream.flush()
    text = written.getvalue().decode("ascii")
    assert "+---" in text
    assert "| adamw" in text
    assert "\\u5b66" in text


def test_wide_letters_keep_the_columns() -> None:
    stream = io.StringIO()
    print_table(Console(file=stream, width=60), "", HEADER, ROWS)
    lines = stream.getvalue().splitlines()
    assert len({cell_len(line) for line in lines}) == 1
    assert "\u5b66\u7fd2\u7387" in stream.getvalue()


def test_the_terminal_shows_what_is_brief_and_markdown_shows_all() -> None:
    table = Table(HEADER, ROWS)
    part = Section("part", "A part", ["Words with `code`."], table=table)
    sections = [
        Section("one", "First", charts=[Bars("a chart", [("x", 1.0, "1")])], parts=[part]),
        Section("two", "Second", notes=["Small print."], commands=["make it"], brief=False),
    ]
    document = Document("Study s", "accepted", ["Accepted: a.", "More."], [], sections)
    stream = io.StringIO()
    print_document(Console(file=stream, width=60), document)
    assert "A part" in stream.getvalue()
    assert "Words with code." in stream.getvalue()
    assert "Second" not in stream.getvalue()
    text = markdown(document)
    assert text.startswith("# Study s\n\n**Accepted**: a.\n\nMore.\n\n## First\n\n### A part\n\n")
    assert text.endswith("## Second\n\nSmall print.\n\n```\nmake it\n```\n")
    assert "| adamw | 0.5 |" in text
