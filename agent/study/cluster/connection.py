"""A connection to a Dask scheduler: its address, its certificates, its workers."""

import logging
import re
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from agent.study.cluster.machine import Machine, common
from agent.study.errors import UserError

if TYPE_CHECKING:
    from distributed import Client, Security

ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})")
CONNECT_S, FIRST_WORKER_S, LOOK_S = 30, 300.0, 0.2
EQUIPMENT = "autoresearch"
"""The name of our plugin on a worker, and of its machine in what a worker says of itself."""


@dataclass(frozen=True)
class Address:
    """Where a scheduler listens; `tls` is a folder with ca.pem, cert.pem and key.pem.

    Raises UserError.
    """

    text: str
    tls: Path | None = None

    def __post_init__(self) -> None:
        if not ADDRESS.fullmatch(self.text):
            raise UserError(f"scheduler {self.text!r}: expected tcp://HOST:PORT or tls://HOST:PORT")
        if self.tls and self.protocol == "tcp":
            raise UserError(f"scheduler {self.text}: certificates are for an address tls://...")

    @property
    def protocol(self) -> str:
        return self.text.partition(":")[0]

    @property
    def host(self) -> str:
        return self.text.partition("//")[2].rpartition(":")[0]

    @property
    def port(self) -> int:
        return int(self.text.rpartition(":")[2])

    def security(self) -> "Security":
        """The certificates in the folder; without one, those of Dask's own settings."""
        require_distributed()
        from distributed import Security

        if self.protocol == "tcp":
            return Security()
        if self.tls is None:
            found: Any = Security()
            if not found.tls_ca_file:
                raise UserError(
                    f"scheduler {self.text}: no certificates; give --tls FOLDER with ca.pem, "
                    "cert.pem and key.pem, or set them in Dask's own configuration"
                )
            found.require_encryption = True
            return cast(Security, found)
        for name in ("ca.pem", "cert.pem", "key.pem"):
            if not (self.tls / name).is_file():
                raise UserError(f"--tls {self.tls}: there is no {name} in it")
        ca, cert, key = (str(self.tls / name) for name in ("ca.pem", "cert.pem", "key.pem"))
        roles = ("client", "scheduler", "worker")
        files = {f"tls_{role}_cert": cert for role in roles}
        files |= {f"tls_{role}_key": key for role in roles}
        return Security(require_encryption=True, tls_ca_file=ca, **files)


def require_distributed() -> None:
    """Raise UserError unless it is installed; what it logs stays out of the terminal."""
    warnings.filterwarnings("ignore", module=r"(dask|distributed)\b")
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise UserError(
            "--scheduler needs the package distributed: pip install 'autoresearch[cluster]'"
        ) from error
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class Cluster:
    """A scheduler and the workers behind it, which are of one kind. Use as a context manager.

    Raises UserError where no scheduler answers, no worker comes, or workers differ.
    """

    def __init__(self, address: Address, say: Callable[[str], object]) -> None:
        self.address = address
        self.client: Client = _connected(address)
        try:
            self.machine = common(self._first(say))
        except OSError as error:
            self.client.close()
            raise _unanswered(address) from error
        except BaseException:
            self.client.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def slots(self) -> list[int]:
        """Evaluations at once on each worker of the cluster's kind. Raises OSError."""
        offered = (worker["resources"].get(self.machine.tag, 0) for worker in self._workers())
        return [int(number) for number in offered if number]

    def _first(self, say: Callable[[str], object]) -> dict[str, Machine | None]:
        """The machines of the workers, once there are any."""
        until, told = time.monotonic() + FIRST_WORKER_S, False
        while not (workers := self._workers()):
            if time.monotonic() > until:
                raise UserError(
                    f"scheduler {self.address.text} has no worker: start one with `autoresearch "
                    f"worker --scheduler {self.address.text}`"
                )
            if not told:
                say(f"waiting for a worker of {self.address.text}")
                told = True
            time.sleep(LOOK_S)
        return {str(one["address"]): Machine.from_json(one.get(EQUIPMENT)) for one in workers}

    def _workers(self) -> list[dict[str, Any]]:
        """What each worker says of itself. Raises OSError where the scheduler is gone."""
        # `Client.scheduler_info` may give what a timer of the client has read, without workers
        scheduler: Any = self.client.scheduler
        found = self.client.sync(scheduler.identity, n_workers=-1)["workers"]
        return [{"address": address, **worker} for address, worker in sorted(found.items())]


def _connected(address: Address) -> "Client":
    security = address.security()
    from distributed import Client

    try:
        return Client(address.text, timeout=CONNECT_S, security=security, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _unanswered(address) from error


def _unanswered(address: Address) -> UserError:
    signed = ", or use certificates of its authority" if address.protocol == "tls" else ""
    return UserError(
        f"no scheduler answers at {address.text}: start one with `autoresearch worker --scheduler "
        f"{address.text} --with-scheduler`, or correct the address{signed}"
    )
