"""A view that remembers what it was told."""


class Recorder:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def phase(self, title: str, total: int, done: int = 0) -> None:
        self.lines.append(f"{title}: {done} of {total}")

    def advanced(self, key: str, label: str, fraction: float) -> None: ...

    def finished(self, key: str, line: str, *, failed: bool = False) -> None:
        self.lines.append(f"{key}: {line}")

    def best(self, line: str) -> None:
        self.lines.append(f"best: {line}")

    def note(self, line: str) -> None:
        self.lines.append(line)
