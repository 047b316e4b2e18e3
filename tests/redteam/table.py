"""The table of what came of the attacks; a plugin of pytest: `-p table --table FILE`."""

from pathlib import Path

import pytest
from attack import LEVELS, Outcome

Row = tuple[str, str, str, str]
"""Kind, attack, level, outcome."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--table", help="write the red team's table to this file")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What each test recorded comes with its report."""
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
        Path(path).write_text(page(rows, counts))
        terminalreporter.write_line(f"table: {path}")


def summary(rows: set[Row]) -> list[str]:
    """How many attacks came to what, a Markdown table by level."""
    lines = [f"| level | {' | '.join(Outcome)} |", "| --- |" + " ---: |" * len(Outcome)]
    for level in LEVELS:
        counts = [sum(row[2:] == (level, outcome) for row in rows) for outcome in Outcome]
        lines.append(f"| `{level}` | {' | '.join(map(str, counts))} |")
    return lines


def page(rows: set[Row], counts: list[str]) -> str:
    """The page of docs: every attack and what came of it at each level."""
    came = {(kind, name, level): outcome for kind, name, level, outcome in rows}
    lines = [INTRODUCTION, *counts, ""]
    for kind in sorted({row[0] for row in rows}):
        lines += [f"## {kind.capitalize()}", "", f"| attack | {' | '.join(LEVELS)} |"]
        lines += ["| --- |" + " --- |" * len(LEVELS)]
        for name in sorted({row[1] for row in rows if row[0] == kind}):
            words = [came.get((kind, name, level), "") for level in LEVELS]
            lines.append(f"| {name} | {' | '.join(words)} |")
        lines.append("")
    return "\n".join(lines)


INTRODUCTION = """# Red team

What came of each attack of `tests/redteam` at each level of the sandbox, as `make redteam` writes
it after a run in which every attack had the outcome that it must have. The sandbox is described in
[SECURITY.md](../SECURITY.md).

- **refused**: it got an error and nothing else; the run went on to the honest curve.
- **ended**: its trial ended early, in a state that fits.
- **harmless**: it got no error and changed nothing: the honest curve.
- **contained**: it changed nothing but its own parameters, which it may set to anything.
- **succeeds**: it got what it wanted; the level is known to be too weak for it.
- **varies**: succeeds or not, by the kernel, its settings, and the rights of who runs the tests.
- **not run**: it could harm the machine where it is not sure to be stopped.

After every attack that was run: the evaluation ended within its time, and nothing of it was still
running, unless the attack killed the evaluation processes themselves. Where it was neither refused
nor harmless, the next honest evaluation gave the honest curve to the bit. At `full` and `seccomp`
no decoy was touched: no file, no process, no server, nothing left in the kernel.
"""
