"""The table of track 3 and the scripts of its results, in a clone of modded-nanogpt."""

import re
from dataclasses import dataclass
from pathlib import Path

from track3.entries import FACTS, SHAMPOO, Facts

ROW = re.compile(r"\| (\d+) \| (\d+)[^|]*\|[^|]*\| (.*?) \| \d{4}/\d\d/\d\d \| \[log\]\((.*?)\)")
END_OF_SCRIPT = re.compile(r"^={60,}\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """An accepted result: its number and its steps to the target."""

    number: int
    steps: int
    facts: Facts
    path: Path
    packages: Path
    """Where the packages are that some scripts import."""

    def script(self) -> str:
        """A log begins with the script, up to a line of =."""
        text = self.path.read_text(errors="replace")
        end = END_OF_SCRIPT.search(text) if self.path.suffix == ".txt" else None
        code = text[: end.start()] if end else text
        # one log has a stray path after its script
        return re.sub(r"(?m)^/workspace/\S+\s*\Z", "", code)


def entries(records: Path) -> list[Entry]:
    """All accepted results of `records`, the folder records/track_3_optimization."""
    found = []
    for number, steps, _, log in ROW.findall((records / "README.md").read_text()):
        facts = FACTS.get(int(number), Facts())
        path = records / (facts.script or log)
        found.append(Entry(int(number), int(steps), facts, path, records / SHAMPOO))
    return found
