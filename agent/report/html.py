"""A document as one HTML page that needs nothing from elsewhere."""

import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
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
LIVE_POLICY = "; connect-src 'self'"
"""A live page also asks the server that it came from."""
NUMBER = re.compile(r"[-+$]?[\d.,]+(e[-+]?\d+)?%?|-|missed|failed")
DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
CODE = re.compile("`([^`]*)`")
LONG = 24
"""Characters from which a cell may be broken over lines."""


def study_page(report: Report) -> str:
    """The page of a study."""
    return page(study_document(report))


def page(document: Document, renew_s: int = 0) -> str:
    """All text is escaped; charts are inline SVG.

    With `renew_s` it asks its server for itself every so often and shows what changed.
    """
    style, script = _own_text(STYLE, renew_s), _own_text(SCRIPT, renew_s)
    return (
        _templates()
        .get_template(PAGE)
        .render(
            policy=Markup(policy(renew_s)),
            style=Markup(style),
            script=Markup(script),
            renew_s=renew_s,
            document=document,
            classes=_classes,
            svg=lambda chart: Markup(chart.svg()),
        )
    )


@cache
def policy(renew_s: int = 0) -> str:
    """The Content-Security-Policy of the page."""
    style, script = (_hash(_own_text(name, renew_s)) for name in (STYLE, SCRIPT))
    return POLICY.format(style=style, script=script) + (LIVE_POLICY if renew_s else "")


def _own_text(name: str, renew_s: int) -> str:
    return _templates().get_template(name).render(renew_s=renew_s)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("agent.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _with_code
    return environment


def _hash(text: str) -> str:
    """A source of a Content-Security-Policy: this text, and no other."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _with_code(text: str) -> Markup:
    """Escaped, what stands between backticks set as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


def _classes(table: Table) -> list[str]:
    """Of each column: numbers to the right, dates on one line, long text with room to break."""
    return [_class(column) for column in zip(*table.rows, strict=True)]


def _class(column: Sequence[str]) -> str:
    if all(NUMBER.fullmatch(cell) for cell in column):
        return "number"
    if all(DATE.fullmatch(cell) or cell == "-" for cell in column):
        return "date"
    return "long" if any(len(cell) > LONG for cell in column) else ""
