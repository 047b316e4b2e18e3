"""A study that asks no model opens no connection: only local sockets, in every process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import ROOT

pytestmark = pytest.mark.processes

SITE = """
import os, sys

def _refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        address = arguments[1]
        local = not isinstance(address, tuple) or address[0] in ("127.0.0.1", "::1", "localhost")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        local = arguments[0] in (None, "localhost", "127.0.0.1", "::1")
    else:
        return
    if not local:
        with open(os.environ.get("OPENED", os.devnull), "a") as file:
            file.write(f"{event} {arguments[1:]!r}\\n")
        raise PermissionError(f"{event}: a study opened {arguments!r}")

sys.addaudithook(_refuse)
"""
"""Python imports it at the start of every process; a fork has its parent's hooks."""
FEW = """
import sys
from agent.cli.main import main
from agent.proposers.gates import known
from agent.verdict import comparison_keys, transfer
from tracks.registry import workloads

known.RECIPES = {}
few = [one for one in workloads() if one.name in ("digits_cnn", "text_gpt")]
transfer.workloads = lambda: few
comparison_keys.draw = lambda: "test"
"""
"""Few known optimizers, one workload of each package that has data, and instances with a winner."""
RUN = ["run", "--track", "mqar", "--scale", "small", "--budget", "3", "--study", "s"]


def python(code: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    path = f"{folder / 'site'}{os.pathsep}{ROOT}"
    environment = os.environ | {"PYTHONPATH": path, "OPENED": str(folder / "opened")}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.processes
def test_run_opens_no_socket_but_local_ones(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE)
    (tmp_path / "submissions").mkdir()
    tried = python("import socket; socket.create_connection(('example.org', 80))", tmp_path)
    assert "a study opened" in tried.stderr, "the hook does not work"
    (tmp_path / "opened").unlink()
    done = python(f"{FEW}sys.exit(main({RUN!r}))", tmp_path)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "opened").exists()
    for record in ("report.md", "transfer.json"):
        assert (tmp_path / "runs" / "s" / record).exists(), "it went through every stage"
