"""A scheduler and workers on 127.0.0.1, in a thread of this process; workers in others; a relay."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import pytest

pytest.importorskip("distributed", reason="no cluster is tested: pip install -e '.[cluster]'")

from distributed import Scheduler, Worker
from distributed.security import Security

from agent.study.bounds import Bounds
from agent.study.cluster.connection import Address, Cluster, require_distributed
from agent.study.cluster.executor import DaskExecutor
from agent.study.cluster.machine import Machine
from agent.study.cluster.worker import Equipment, Measures, Serving, scheduler_of, worker_of
from agent.study.evaluation_store import EvaluationStore
from agent.study.task import Task
from helpers import ROOT
from tracks.evaluation import Evaluation, State

T = TypeVar("T")
HANGING = """
import json, sys, time
from agent.study.cluster.connection import Address, require_distributed
from agent.study.cluster.machine import Machine
require_distributed()
from agent.study.cluster.worker import Equipment, Serving, serve

class Hangs:
    def evaluate(self, task):
        print("begun", flush=True)
        time.sleep(600)

    def close(self): ...

equipment = Equipment(Machine.from_json(json.loads(sys.argv[2])), Hangs(), 1)
serve(Serving(Address(sys.argv[1]), "127.0.0.1", equipment, False, lambda line: None))
"""
"""A worker that begins its task, says so and never ends it."""


class StandIn:
    """Ends every evaluation at once, or when `going_on` is set."""

    def __init__(self, *, waits: bool = False) -> None:
        self.seen: list[Task] = []
        self.begun, self.going_on = threading.Event(), threading.Event()
        if not waits:
            self.going_on.set()

    def evaluate(self, task: Task) -> Evaluation:
        self.seen.append(task)
        self.begun.set()
        assert self.going_on.wait(240)
        return Evaluation(task.instance, State.COMPLETE, task.procedure, curve=((1, 0.5),))

    def close(self) -> None:
        self.going_on.set()


class Here:
    """A scheduler in a thread; `address` is where it listens."""

    def __init__(self, tls: Path | None = None) -> None:
        require_distributed()
        self.machine = Machine.here("cpu")
        self._tls, self._loop = tls, asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._folder = Path(tempfile.mkdtemp())
        self._opened: list[Scheduler | Worker] = []
        protocol = "tls" if tls else "tcp"
        asked = Serving(Address(f"{protocol}://127.0.0.1:0", tls), "", None, True, print)
        self.scheduler = self._open(lambda: scheduler_of(asked, self._folder))
        self.address = Address(self.scheduler.address, tls)

    def worker(
        self, measurer: Measures, *, slots: int = 2, machine: Machine | None = None, via: str = ""
    ) -> Worker:
        """A worker that evaluates with `measurer`; `via` is the address of a relay."""
        equipment = Equipment(machine or self.machine, measurer, slots)
        address = Address(via, self._tls) if via else self.address
        asked = Serving(address, "127.0.0.1", equipment, False, print)
        return self._open(lambda: worker_of(asked, self._folder))

    def plain_worker(self) -> Worker:
        """One that is not ours."""
        asked: Any = {"nthreads": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
        asked["local_directory"] = str(self._folder)
        return self._open(lambda: Worker(self.address.text, **asked, memory_limit=0))

    def process(self) -> "subprocess.Popen[str]":
        """A process with a worker that hangs in its task; a line says that it has begun."""
        words = [self.address.text, json.dumps(asdict(self.machine))]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(self._folder)}
        return subprocess.Popen(
            [sys.executable, "-c", HANGING, *words],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def executor(self, folder: Path) -> Iterator[DaskExecutor]:
        with (
            Cluster(self.address, print) as cluster,
            DaskExecutor(cluster, EvaluationStore(folder), Bounds(), "cpu", print) as executor,
        ):
            yield executor

    def close_scheduler(self) -> None:
        self._run(self.scheduler.close(reason="test"))

    def close(self) -> None:
        for opened in reversed(self._opened):
            with suppress(Exception):
                self._run(opened.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _open(self, made: Any) -> Any:
        async def opened() -> Any:
            return await made()

        self._opened.append(self._run(opened()))
        return self._opened[-1]

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(240)


def certificates(folder: Path) -> Path:
    """A folder with ca.pem, cert.pem and key.pem, signed by themselves."""
    made: Any = Security.temporary()
    folder.mkdir()
    (folder / "ca.pem").write_text(made.tls_ca_file)
    (folder / "cert.pem").write_text(made.tls_client_cert)
    (folder / "key.pem").write_text(made.tls_client_key)
    return folder
