"""A language model on texts of your own: here, all pages in the folder above this file."""

from pathlib import Path

from tracks.suite.tiny_lm import TinyLM, text_scale

PAGES = Path(__file__).resolve().parent.parent


class OwnText(TinyLM):
    """predict the next byte of the pages of this project; bits per byte on unseen text"""

    name = "own_text"
    summary = ""
    target = None
    # steps, batch, bytes of a sample, width, layers: it may not read more than there is
    scales = {"full": text_scale(200, 16, 24, 32, 2)}
    proxies = {}

    def text(self) -> bytes:
        return b"\n".join(page.read_bytes() for page in sorted(PAGES.glob("*.md")))
