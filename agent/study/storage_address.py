"""The address of a ledger on a PostgreSQL server, and what of it may be shown."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from agent.study.errors import UserError

SCHEME = "postgresql"
SCHEMES = (SCHEME, "postgres")
EXPECTED = f"expected {SCHEME}://USER@HOST:PORT/DATABASE"
VARIABLE = "AUTORESEARCH_STORAGE"
"""An environment variable with the address; the only place where it may have a password."""
ELSEWHERE = f"keep it in ~/.pgpass or PGPASSWORD, or give the whole address in {VARIABLE}"


@dataclass(frozen=True)
class StorageAddress:
    """A database of a PostgreSQL server; `str` of it shows no password."""

    user: str
    """Empty for that of the operating system."""
    place: str
    """Host, port, database and options."""
    password: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """Without the password."""
        return f"{SCHEME}://{self.user}@{self.place}" if self.user else f"{SCHEME}://{self.place}"

    def __str__(self) -> str:
        return f"{SCHEME}://{self.user}:***@{self.place}" if self.password else self.url

    @classmethod
    def parse(cls, text: str, *, allow_password: bool = True) -> "StorageAddress":
        """The address in `text`. Raises UserError, which never repeats a password.

        A password is refused where others can read the text.
        """
        try:
            parts = urlsplit(text.strip())
            port = parts.port
        except ValueError as error:
            raise UserError(f"this is no address of a ledger: {EXPECTED}") from error
        if parts.scheme not in SCHEMES:
            raise UserError(f"the address of a ledger begins with {SCHEME}://: {EXPECTED}")
        login, _, host = parts.netloc.rpartition("@")
        user, _, password = login.partition(":")
        options = parse_qsl(parts.query, keep_blank_values=True)
        password = unquote(password) or dict(options).get("password", "")
        kept = urlencode([one for one in options if one[0] != "password"], safe="/:")
        found = cls(user, host + parts.path + (f"?{kept}" if kept else ""), password)
        if not parts.path.strip("/") or port == 0:
            raise UserError(f"the address {found} names no database: {EXPECTED}")
        if password and not allow_password:
            raise UserError(f"the address {found} has a password, which others see: {ELSEWHERE}")
        return found
