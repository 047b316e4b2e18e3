"""Text of others on a terminal or in a file: nothing in it may act there."""


def printable(text: object) -> str:
    """One line of `text` with whatever is not printed replaced by U+FFFD; empty for no text.

    That is terminal escapes, line breaks, marks of writing direction, and bytes of a file name that
    are no UTF-8, which could not be encoded.
    """
    known = text if isinstance(text, str) else ""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in known)


def printable_lines(text: str) -> str:
    """`text` line by line made printable; its own line breaks and tabs stay."""
    return "\n".join(printable(line.expandtabs()) for line in text.split("\n"))
