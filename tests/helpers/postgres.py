"""A PostgreSQL server on 127.0.0.1 for the tests, run by a user without privileges."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy

USER, PASSWORD = "owner", "s3cret-of-tests"
FOLDERS = ("/usr/local/bin", "/usr/bin", *map(str, Path("/usr/lib/postgresql").glob("*/bin")))
FAST = ("fsync=off", "full_page_writes=off")
"""For servers whose machine never loses its power."""


def program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join(FOLDERS))


@dataclass
class Server:
    """Its data are below `folder`, which the user that runs it owns."""

    folder: Path
    port: int
    made: int = 0

    def start(self) -> None:
        settings = " ".join(f"-c {setting}" for setting in FAST)
        where = f"-h 127.0.0.1 -p {self.port} -k {self.folder} {settings}"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", where, "start")

    def stop(self) -> None:
        """At once, as a crash does: every connection is lost."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def database(self) -> str:
        """The address of a new database, with the password."""
        self.made += 1
        name = f"made{self.made}"
        self.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, name: str, password: str = PASSWORD) -> str:
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str) -> None:
        url = self.address("postgres").replace("postgresql", "postgresql+psycopg", 1)
        engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(statement))
        engine.dispose()

    def _run(self, name: str, *words: str) -> None:
        found = program(name)
        assert found
        # postgres refuses root
        owner = pwd.getpwuid(self.folder.stat().st_uid).pw_name if os.geteuid() == 0 else None
        subprocess.run(
            [found, "-D", str(self.folder / "data"), *words], user=owner,
            extra_groups=[] if owner else None, check=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder,
        )  # fmt: skip

    @classmethod
    def made_in(cls, folder: Path) -> "Server":
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            server = cls(folder, free.getsockname()[1])
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        kind = ("-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync")
        server._run("initdb", "-U", USER, f"--pwfile={password}", *kind)
        server.start()
        return server


def new_folder() -> Path:
    """Which every user can reach, as those of pytest are not; short, for the server's socket."""
    return Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
