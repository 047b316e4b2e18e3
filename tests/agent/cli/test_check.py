"""`autoresearch check`: what it prints, and which files no verb runs."""

import json
from pathlib import Path

import pytest

from helpers import Call, sources


@pytest.mark.processes
def test_the_verb(call: Call) -> None:
    Path("mine.py").write_text(sources.DISGUISED.replace("SPEED", "1e-2"))
    status, out, _ = call("check", "mine.py")
    assert status == 0
    assert "It does the same as " in out
    assert "adamw" in out
    Path("cheat.py").write_text(sources.TEACHER_COPIER)
    status, out, _ = call("check", "cheat.py")
    assert status == 3
    assert "updates" not in out, "what breaks a rule is not run"
    assert "cheat.py:10: forbidden (seeds): 1729 is a public seed of the benchmark" in out
    status, out, _ = call("check", "cheat.py", "--static", "--json")
    assert (status, json.loads(out)["allowed"]) == (3, False)
    for verb in (["run"], ["eval", "--scale", "small"]):
        status, out, error = call(*verb, "--track", "mqar", "--submission", "cheat.py")
        assert (status, out, error.count("\n")) == (2, "", 1)
        assert error.startswith("autoresearch: cheat.py, line 10: 1729 is a public seed")
    assert not Path("runs").exists(), "a check keeps nothing"
