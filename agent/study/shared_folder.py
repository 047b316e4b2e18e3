"""The folder of a ledger's files, where its database is on a server: the same one for everybody."""

import secrets
import socket
from pathlib import Path

from sqlalchemy import Engine, text

from agent.study.errors import UserError
from agent.study.locks import Locks
from agent.study.workspace import EMBEDDED, MARK, write_text

LOCK = "folder.lock"
TABLE = text("CREATE TABLE IF NOT EXISTS autoresearch_folder (mark text, place text)")
KNOWN = text("SELECT mark, place FROM autoresearch_folder")
FIRST = text("INSERT INTO autoresearch_folder VALUES (:mark, :place)")
RENEW = text("UPDATE autoresearch_folder SET mark = :mark")
EXISTS = text("SELECT to_regclass('autoresearch_folder')")
SHARE = "work in a folder that all machines of this ledger share"


def require_shared(runs: Path, engine: Engine) -> None:
    """Raise UserError where the files of the ledger are not in the folder `runs`."""
    with engine.connect() as connection:
        known = None
        if connection.scalar(EXISTS):
            known = connection.execute(KNOWN).one_or_none()
    if known and known.mark not in _marks(runs):
        raise UserError(f"the files of this ledger are in {known.place}, not in {runs}: {SHARE}")


def mark_shared(runs: Path, engine: Engine, locks: Locks) -> None:
    """The same, and write a new mark to the folder and to the database.

    So a copy of the folder has an old mark, and only those who see what others write there have
    the present one. Raises UserError.
    """
    with locks.exclusive(LOCK):
        with engine.begin() as connection:
            connection.execute(TABLE)
        require_shared(runs, engine)
        with engine.begin() as connection:
            known = connection.execute(KNOWN).one_or_none()
            if known is None:
                _require_unused(runs)
            new = secrets.token_hex(8)
            # with the one before, which is valid until the database has the new one
            write_text(runs.parent / MARK, f"{known.mark if known else ''} {new}\n")
            if known:
                connection.execute(RENEW, {"mark": new})
            else:
                place = f"{socket.gethostname()}:{runs.resolve()}"
                connection.execute(FIRST, {"mark": new, "place": place})


def _require_unused(runs: Path) -> None:
    if (runs.parent / EMBEDDED).exists() or _marks(runs):
        raise UserError(
            f"{runs} has the files of another ledger: work in another folder, where `autoresearch "
            "ledger copy` brings studies of this one"
        )


def _marks(runs: Path) -> list[str]:
    try:
        return (runs.parent / MARK).read_text(encoding="utf-8").split()
    except OSError:
        return []
