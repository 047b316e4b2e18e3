"""The decoys, a launcher that weak levels may break, and the table of what came of the attacks."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from decoys import Decoys
from launchers import Launchers
from table import Row, page, summary


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--table", type=Path, help="write the red team's table to this file")


@pytest.fixture(scope="session")
def decoys() -> Iterator[Decoys]:
    # pytest's own folders are closed to other users, and root becomes another user in the sandbox
    with tempfile.TemporaryDirectory(prefix="redteam-") as folder:
        os.chmod(folder, 0o755)
        made = Decoys(Path(folder))
        yield made
        made.close()


@pytest.fixture(scope="session")
def launchers() -> Iterator[Launchers]:
    made = Launchers()
    yield made
    made.close()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Works beside xdist too: what a test recorded comes with its report."""
    reports = [r for group in terminalreporter.stats.values() for r in group]
    rows: set[Row] = {
        tuple(value)
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "redteam"
    }
    if not rows:
        return
    counts = summary(rows)
    terminalreporter.section("red team")
    for line in counts:
        terminalreporter.write_line(line)
    path = config.getoption("--table")
    if path:
        path.write_text(page(rows, counts))
        terminalreporter.write_line(f"table: {path}")
