"""`autoresearch doctor`: what is missing is named with its cure, and no key is shown."""

import json
import os
import sys
import types
from collections import namedtuple
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from agent.study import machine_checks
from agent.study.check import CHECKS, Check, State
from agent.study.doctor import can_run, examine
from helpers import Call

SECRET = "sk-ant-0123456789abcdef"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def full_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    give_sandbox(monkeypatch, "full", {"seccomp": "", "landlock": ""})


def give_sandbox(patch: pytest.MonkeyPatch, level: str, layers: dict[str, str]) -> None:
    here = types.SimpleNamespace(level=level, layers=layers)
    patch.setattr("tracks.isolation.sandbox.probe", lambda: here)


def one(name: str, folder: Path = Path()) -> Check:
    found = CHECKS[name](folder.resolve())
    assert found.name == name
    return found


@pytest.mark.processes
def test_every_check_runs_here_and_a_study_could(workspace_folder: Path) -> None:
    checks = examine(workspace_folder)
    assert [check.name for check in checks] == list(CHECKS)
    assert can_run(checks)
    assert all(check.cure for check in checks if check.state != State.OK)


@pytest.mark.processes
def test_json_is_one_object_and_the_status_is_0(call: Call) -> None:
    status, out, error = call("doctor", "--json")
    content = json.loads(out)
    assert (status, error) == (0, "")
    assert content["schema_version"] == 1
    assert content["can_run"] is True
    assert [row["name"] for row in content["checks"]] == list(CHECKS)
    assert all(set(row) == {"name", "state", "found", "cure"} for row in content["checks"])


@pytest.mark.processes
def test_something_needed_that_is_broken_ends_with_status_1(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_checks, "_version", lambda name: "" if name == "torch" else "1")
    status, out, _ = call("doctor")
    assert status == 1
    assert "No study can run here yet: torch." in out
    status, out, _ = call("doctor", "--json")
    assert status == 1
    assert json.loads(out)["can_run"] is False


@pytest.mark.processes
def test_a_check_that_fails_says_what_broke(
    monkeypatch: pytest.MonkeyPatch, workspace_folder: Path
) -> None:
    def broken(folder: Path) -> Check:
        raise RuntimeError("the disk\nis gone")

    for name, state in (("disk", State.BROKEN), ("gpu", State.WARNING)):
        monkeypatch.setitem(CHECKS, name, broken)
        found = next(check for check in examine(workspace_folder) if check.name == name)
        assert (found.state, found.found) == (
            state,
            "cannot be examined: RuntimeError: the disk is gone",
        )


def test_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert (one("python").state, one("python").cure) == (
        State.BROKEN,
        "run autoresearch in WSL2",
    )
    monkeypatch.setattr(machine_checks, "OLDEST_PYTHON", (99,))
    assert one("python").cure == "install Python 3.11 or newer"


def test_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "_version", lambda name: "" if name == "scipy" else "1")
    found = one("packages")
    assert (found.state, found.cure) == (State.BROKEN, "pip install scipy")


def test_a_source_tree_that_is_not_installed_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(machine_checks, "requires", unknown)
    found = CHECKS["packages"](Path.cwd())
    assert (found.state, found.cure) == (State.WARNING, "pip install -e .")


def test_torch_is_not_loaded_to_learn_its_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert one("torch").state == State.OK
    assert "build" in one("torch").found


@pytest.mark.parametrize(
    ("line", "build"),
    [
        ("cuda: Optional[str] = None", "cpu"),
        ("cuda: Optional[str] = '12.8'\nhip: Optional[str] = None", "cuda 12.8"),
        ("cuda = None\nhip: Optional[str] = '6.4'", "hip 6.4"),
    ],
)
def test_the_build_of_torch(
    line: str, build: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "version.py").write_text(line)
    here = types.SimpleNamespace(locate_file=lambda name: tmp_path / "version.py")
    monkeypatch.setattr(machine_checks, "distribution", lambda name: here)
    assert machine_checks.torch_build() == build


@pytest.mark.parametrize("level", ["seccomp", "landlock", "rlimits", "none"])
def test_less_than_the_full_sandbox(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    give_sandbox(monkeypatch, level, {"landlock": "the kernel has none", "seccomp": ""})
    found = one("sandbox")
    assert found.state == State.WARNING
    assert found.found == f"level {level}; landlock: the kernel has none"
    assert "SECURITY.md" in found.cure


def test_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "cores", lambda: 1)
    assert "second core" in one("cores").cure


def test_few_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda which: (64, 64))
    assert one("open files").cure == "ulimit -n 1024"


def test_no_huge_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "allocator_settings", dict)
    assert "madvise" in one("huge pages").cure


def test_a_gpu_with_a_torch_for_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracks.device.may_have_gpu", lambda: True)
    monkeypatch.setattr(machine_checks, "torch_build", lambda: "cpu")
    assert (one("gpu").state, "CUDA build" in one("gpu").cure) == (State.WARNING, True)
    monkeypatch.setattr(machine_checks, "torch_build", lambda: "cuda 12.8")
    assert one("gpu").state == State.OK
    monkeypatch.undo()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert one("gpu").cure == "unset CUDA_VISIBLE_DEVICES"


@pytest.mark.processes
def test_no_git_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("git", "git identity"):
        assert (one(name).state, one(name).cure) == (State.MISSING, "install git")


@pytest.mark.processes
def test_no_identity(monkeypatch: pytest.MonkeyPatch, workspace_folder: Path) -> None:
    monkeypatch.setenv("HOME", str(workspace_folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in [name for name in os.environ if name.startswith(("GIT_CONFIG_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    found = one("git identity", workspace_folder)
    assert found.state == State.MISSING
    assert 'git config --global user.name "..."' in found.cure


def test_a_workspace_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, workspace_folder: Path
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    found = one("workspace", workspace_folder)
    assert (found.state, "writable" in found.cure) == (State.BROKEN, True)


def test_the_ledger(study: str, workspace_folder: Path) -> None:
    found = one("ledger", workspace_folder)
    assert (found.state, found.found.split(", ", 2)[2]) == (State.OK, "1 studies: done")
    for suffix in ("-wal", "-shm"):
        (workspace_folder / "runs" / f"ledger.db{suffix}").unlink(missing_ok=True)
    (workspace_folder / "runs" / "ledger.db").write_bytes(b"no database" * 1000)
    found = one("ledger", workspace_folder)
    assert (found.state, "restore runs/ledger.db" in found.cure) == (State.BROKEN, True)


@pytest.mark.parametrize(("mb", "state"), [(1, State.BROKEN), (1000, State.WARNING)])
def test_a_full_disk(mb: int, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(0, 0, mb * 2**20))
    assert (one("disk").state, "free some space" in one("disk").cure) == (state, True)


@pytest.mark.processes
def test_keys_are_named_and_never_shown(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert one("keys").cure == "export ANTHROPIC_API_KEY=..."
    for value in (SECRET, f"{SECRET}\n"):
        monkeypatch.setenv("ANTHROPIC_API_KEY", value)
        shown = repr((call("doctor"), call("doctor", "--json")))
        assert "ANTHROPIC_API_KEY" in shown
        assert not any(SECRET[i : i + 4] in shown for i in range(6, len(SECRET) - 3))
    assert "line break" in one("keys").cure


def test_root_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert one("user").state == State.WARNING
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert one("user").state == State.OK


def test_a_terminal_of_another_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", types.SimpleNamespace(encoding="ascii"))
    assert "PYTHONIOENCODING" in one("terminal").cure
