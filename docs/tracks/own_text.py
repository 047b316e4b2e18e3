"""A language model on texts of your own: here, all pages in the folder of this file."""

from pathlib import Path

from tracks.suite.tiny_lm import TinyLM, text_scale

HERE = Path(__file__).resolve().parent


class OwnText(TinyLM):
    """predict the next byte of the pages of this project; bits per byte on unseen text"""

    name = "own_text"
    summary = ""
    target = None
    # steps, batch, bytes of a sample, width, layers: it may not read more than there is
    scales = {"full": text_scale(200, 16, 24, 32, 2)}
    proxies = {}

    def text(self) -> bytes:
        # in this project they are in the folder above
        pages = sorted(HERE.glob("*.md")) or sorted(HERE.parent.glob("*.md"))
        return b"\n".join(page.read_bytes() for page in pages)
