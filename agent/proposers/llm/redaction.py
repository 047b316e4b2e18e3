"""Cuts secrets out of texts that leave this machine, also in pieces or encoded."""

from base64 import b64encode
from contextlib import suppress

WINDOW = 16
"""Letters and digits in a row that reveal a secret; fewer of a longer one are not found."""
SHORTEST = 8
"""Letters and digits of a secret; to cut a shorter one would cut words."""
CUT = "***"


class Redaction:
    """Cuts secrets from texts, comparing letters and digits alone, without their case.

    It finds a secret and every piece of `WINDOW` letters and digits of it: as it is, backwards, in
    hexadecimal and in base64, also wrapped or spaced; of a hexadecimal secret its bytes in base64
    as well. It does not find shorter pieces, other encodings, or compressed or encrypted text.
    """

    def __init__(self) -> None:
        self._windows: dict[int, set[str]] = {}
        """Pieces that reveal a secret, by their length."""

    def hide(self, secret: str) -> None:
        """Cut `secret` from now on."""
        for form in _forms(secret):
            plain = "".join(form[at] for at in _letters(form)).lower()
            width = min(WINDOW, len(plain))
            if width >= SHORTEST:
                pieces = {plain[at : at + width] for at in range(len(plain) - width + 1)}
                self._windows.setdefault(width, set()).update(pieces)

    def cut(self, text: str) -> str:
        """`text` with each secret replaced by `CUT`, which is never longer."""
        places = _letters(text)
        plain = "".join(text[at] for at in places).lower()
        spans: list[tuple[int, int]] = []
        for width, pieces in self._windows.items():
            for at in range(len(plain) - width + 1):
                if plain[at : at + width] in pieces:
                    spans.append((places[at], places[at + width - 1] + 1))
        kept, end = [], 0
        for begin, until in sorted(spans):
            if begin >= end:
                kept += [text[end:begin], CUT]
            end = max(end, until)
        return "".join([*kept, text[end:]])


def _letters(text: str) -> list[int]:
    """Where its ASCII letters and digits are."""
    return [at for at, character in enumerate(text) if character.isascii() and character.isalnum()]


def _forms(secret: str) -> list[str]:
    raw = secret.encode("utf-8", "replace")
    spelled = [raw]
    with suppress(ValueError):
        spelled.append(bytes.fromhex(secret))
    # three bytes make four characters, so that what stands before shifts them
    base64 = [b64encode(bytes(n) + each).decode() for each in spelled for n in range(3)]
    return [secret, secret[::-1], raw.hex(), *base64]
