"""Tables and numbers as every report shows them."""

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    cells = [[_plain(cell) for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def _plain(cell: str) -> str:
    """Neither cells, nor tags, nor links of its own."""
    for mark, harmless in (("|", "\\|"), ("\n", " "), ("<", "&lt;"), ("](", "]\\(")):
        cell = cell.replace(mark, harmless)
    return cell


def number(value: float | None) -> str:
    return "failed" if value is None else f"{value:.6g}"
