"""What attacks aim at: a home with keys and a ledger, a process, a server. All of it is made up."""

import ctypes
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

NOBODY = 65_534
SYSV_KEY = 0x5EED5
QUEUE = f"/decoy-{os.getpid()}"
WAYS = ("tcp", "udp", "path", "abstract")


class Decoys:
    """Made in a folder that everybody may read and write, so that modes do no layer's work.

    `world` is what an attack is given to know; all secrets have `token` in them.
    """

    def __init__(self, folder: Path) -> None:
        self.token = secrets.token_hex(16)
        self.home = folder / "home"
        self.victim: subprocess.Popen[bytes] | None = None
        self._make_home()
        self._servers = self._listen(folder)
        self._start_victim()

    @property
    def world(self) -> dict[str, Any]:
        assert self.victim is not None
        return {
            "HOME": str(self.home),
            "VICTIM": self.victim.pid,
            "PORT": self._servers["tcp"].getsockname()[1],
            "UDP_PORT": self._servers["udp"].getsockname()[1],
            "UNIX_PATH": self._servers["path"].getsockname(),
            "ABSTRACT": self._servers["abstract"].getsockname(),
            "SYSV_KEY": SYSV_KEY,
            "QUEUE": QUEUE,
        }

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """Yields a list; afterwards it says what happened to the decoys, which are then as new."""
        happened: list[str] = []
        before = self._files()
        yield happened
        if self._files() != before:
            happened.append("changed files")
            self._make_home()
        happened += [f"reached the server by {way}" for way in WAYS if self._was_reached(way)]
        if self._victim_harmed():
            happened.append("harmed the victim")
            self._start_victim()
        happened += _left_in_the_kernel()

    def close(self) -> None:
        self._end_victim()
        for server in self._servers.values():
            server.close()

    def _make_home(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        secret = f"secret {self.token}\n"
        contents = {
            ".ssh/id_ed25519": secret,
            ".bashrc": secret,
            "runs/ledger.db": secret,
            "planted.py": f"print({secret!r}, flush=True)\n",
            "library.so": secret,
            "repository/.git/hooks/sample": secret,
        }
        for name, text in contents.items():
            path = self.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for path in [self.home, *self.home.rglob("*")]:
            path.chmod(0o777 if path.is_dir() else 0o666)
            if not os.geteuid():
                # whom the sandbox turns root into: ownership is to hold nothing back either
                os.chown(path, NOBODY, NOBODY)

    def _files(self) -> dict[str, Any]:
        """Everything that an attack could change."""
        found = {}
        for path in sorted(self.home.rglob("*")):
            seen = path.lstat()
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[str(path)] = (seen.st_mode, seen.st_mtime_ns, seen.st_nlink, content)
        return {name: seen for name, seen in found.items() if "__pycache__" not in name}

    def _listen(self, folder: Path) -> dict[str, socket.socket]:
        servers = {
            "tcp": socket.socket(),
            "udp": socket.socket(type=socket.SOCK_DGRAM),
            "path": socket.socket(socket.AF_UNIX),
            "abstract": socket.socket(socket.AF_UNIX),
        }
        path = folder / "server"
        servers["tcp"].bind(("127.0.0.1", 0))
        servers["udp"].bind(("127.0.0.1", 0))
        servers["path"].bind(str(path))
        servers["abstract"].bind(f"\0decoy-{os.getpid()}")
        path.chmod(0o666)
        for name, server in servers.items():
            server.setblocking(False)
            if name != "udp":
                server.listen()
        return servers

    def _was_reached(self, way: str) -> bool:
        with suppress(BlockingIOError):
            if way == "udp":
                self._servers[way].recv(100)
            else:
                self._servers[way].accept()[0].close()
            return True
        return False

    def _start_victim(self) -> None:
        self._end_victim()
        user = None if os.geteuid() else NOBODY
        sleep = shutil.which("sleep") or "sleep"
        environment = {"DECOY_KEY": self.token}
        self.victim = subprocess.Popen([sleep, "3600"], env=environment, user=user, group=user)

    def _end_victim(self) -> None:
        if self.victim is not None:
            self.victim.kill()
            self.victim.wait()

    def _victim_harmed(self) -> bool:
        assert self.victim is not None
        if self.victim.poll() is not None:
            return True
        process = psutil.Process(self.victim.pid)
        limits = Path(f"/proc/{self.victim.pid}/limits").read_text()
        as_here = psutil.Process()
        return (
            process.status() == psutil.STATUS_STOPPED
            or process.nice() != as_here.nice()
            or process.cpu_affinity() != as_here.cpu_affinity()
            or limits != Path("/proc/self/limits").read_text()
        )


def _left_in_the_kernel() -> list[str]:
    """SysV objects and message queues that are there; they are taken away."""
    libc = ctypes.CDLL(None)
    left = []
    for name in ("shm", "sem", "msg"):
        table = Path(f"/proc/sysvipc/{name}")
        rows = table.read_text().splitlines()[1:] if table.exists() else []
        for key, number in (row.split()[:2] for row in rows):
            if int(key) == SYSV_KEY:
                left.append(f"left a {name} in the kernel")
                arguments = (0, 0) if name == "sem" else (0,)
                getattr(libc, f"{name}ctl")(int(number), *arguments, 0)
    if hasattr(libc, "mq_unlink") and libc.mq_unlink(QUEUE.encode()) == 0:
        left.append("left a message queue in the kernel")
    return left
