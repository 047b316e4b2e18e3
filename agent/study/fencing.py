"""Text of others in a prompt: as data, between lines of backticks that it cannot end."""

import re


def fenced(text: str) -> str:
    """What somebody else wrote or printed, between more backticks than it has in a row."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    plain = "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)
    return f"{fence}\n{plain.rstrip()}\n{fence}"
