"""A document as one HTML page that needs nothing from elsewhere."""

import re
from base64 import b64encode
from hashlib import sha256

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from agent.report.data import Report
from agent.report.section import Document, Table
from agent.report.sections.study import study_document

PAGE, STYLE, SCRIPT = "page.html.j2", "page.css.j2", "page.js.j2"
POLICY = (
    "default-src 'none'; style-src {style}; script-src {script}; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""What the page may do: its own style and script, by their hashes, and its empty icon."""
NUMBER = re.compile(r"[-+$]?[\d.,]+(e[-+]?\d+)?%?|-|missed|failed")
CODE = re.compile("`([^`]*)`")
LONG = 24
"""Characters from which a cell may be broken over lines."""


def study_page(report: Report) -> str:
    """The page of a study."""
    return page(study_document(report))


def page(document: Document) -> str:
    """All text is escaped; charts are inline SVG."""
    environment = Environment(
        loader=PackageLoader("agent.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _with_code
    style, script = (environment.get_template(name).render() for name in (STYLE, SCRIPT))
    return environment.get_template(PAGE).render(
        policy=Markup(POLICY.format(style=_hash(style), script=_hash(script))),
        style=Markup(style),
        script=Markup(script),
        document=document,
        classes=_classes,
        svg=lambda chart: Markup(chart.svg()),
    )


def _hash(text: str) -> str:
    """A source of a Content-Security-Policy: this text, and no other."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _with_code(text: str) -> Markup:
    """Escaped, what stands between backticks set as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


def _classes(table: Table) -> list[str]:
    """Of each column: numbers to the right, long text with room to break."""
    columns = list(zip(*table.rows, strict=True))
    long = ["long" if any(len(cell) > LONG for cell in column) else "" for column in columns]
    numbers = [all(NUMBER.fullmatch(cell) for cell in column) for column in columns]
    return ["number" if numeric else style for numeric, style in zip(numbers, long, strict=True)]
