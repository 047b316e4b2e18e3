"""Starts processes from one thread that lives as long as this process.

Linux kills a process that asked to die with its parent as soon as the thread that started it ends,
so a launcher that a short-lived thread makes would lose its zygote.
"""

import os
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

Start = Callable[[], "subprocess.Popen[bytes]"]

_lock = threading.Lock()
_orders: SimpleQueue[tuple[Start, Future["subprocess.Popen[bytes]"]]] | None = None


def started(start: Start) -> "subprocess.Popen[bytes]":
    """What `start` gives, called in that thread; its exception is raised here."""
    global _orders
    started: Future[subprocess.Popen[bytes]] = Future()
    with _lock:
        if _orders is None:
            _orders = SimpleQueue()
            threading.Thread(target=_serve, args=(_orders,), name="starter", daemon=True).start()
        _orders.put((start, started))
    return started.result()


def _serve(orders: SimpleQueue[tuple[Start, Future["subprocess.Popen[bytes]"]]]) -> None:
    while True:
        start, started = orders.get()
        try:
            started.set_result(start())
        except BaseException as error:
            started.set_exception(error)


def _forget() -> None:
    """A forked process has no such thread, and the lock may have been held."""
    global _lock, _orders
    _lock, _orders = threading.Lock(), None


os.register_at_fork(after_in_child=_forget)
