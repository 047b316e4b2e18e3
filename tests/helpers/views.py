"""A view that remembers what it was told."""

from agent.study.settings import Stage


class Recorder:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def stage(
        self, stage: Stage, stage_s: float | None = None, later_s: float | None = None
    ) -> None:
        self.lines.append(f"stage: {stage}")

    def phase(self, title: str, total: int, done: int = 0) -> None:
        self.lines.append(f"{title}: {done} of {total}")

    def advanced(self, key: str, label: str, fraction: float) -> None: ...

    def choosing(self, line: str) -> None: ...

    def finished(self, key: str, line: str, *, failed: bool = False) -> None:
        self.lines.append(f"{key}: {line}")

    def best(self, line: str) -> None:
        self.lines.append(f"best: {line}")

    def note(self, line: str) -> None:
        self.lines.append(line)
