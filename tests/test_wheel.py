"""A wheel is whole: its verbs work in an empty folder, without the source and without git."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from helpers import ROOT

pytestmark = pytest.mark.processes

BUILT_FROM = (
    "agent", "autoresearch", "search_space", "tracks", "docs", "submissions", "SKILL.md",
    "README.md", "LICENSE",
    "pyproject.toml", "setup.py", "MANIFEST.in",
)  # fmt: skip
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
VERBS = """
import sys
from pathlib import Path
import agent
from agent.cli.main import main

assert Path(agent.__file__).is_relative_to(sys.argv[1]), agent.__file__
study = ["--track", "mqar", "--scale", "small"]
for words in (
    ["run", *study, "--budget", "1", "--study", "first"],
    ["eval", *study, "--submission", "runs/first/trials/0000/submission.py"],
    ["leaderboard", "--track", "mqar"],
    ["skill", "install", "skills"],
    ["report", "first", "--html", "page.html"],
):
    assert main(words) == 0, words
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    ignored = shutil.ignore_patterns("__pycache__")
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, source / name)
    # what an earlier build left must not come back
    stale = source / "build" / "lib" / "agent" / "removed.py"
    stale.parent.mkdir(parents=True)
    stale.touch()
    offline = ["--no-deps", "--no-index"]
    build = ["wheel", *offline, "--no-build-isolation", "-w", str(folder), str(source)]
    subprocess.run([*PIP, *build], check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*PIP, "install", *offline, "--target", str(folder / "site"), wheel], check=True)
    return folder


def test_the_files_that_verbs_read_are_in_it(installed: Path) -> None:
    (wheel,) = installed.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {
        path.relative_to(ROOT).as_posix()
        for package in ("agent", "autoresearch", "search_space", "tracks")
        for path in (ROOT / package).rglob("*.py")
    }
    shipped = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    shipped |= {"SKILL.md", "submissions/adamw/submission.py", "submissions/adamw/result.json"}
    shipped |= {"submissions/adamw/README.md"}
    packaged = {name for name in names if ".dist-info/" not in name}
    read = {name for name in packaged if name.endswith(".j2")}
    assert read
    read |= {"agent/proposers/gates/published.json"}
    assert packaged == modules | read | {f"agent/shipped/{name}" for name in shipped}


def test_its_verbs_work_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    site = installed / "site"
    environment = os.environ | {"PYTHONPATH": str(site), "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", VERBS, str(site)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "<svg" in (tmp_path / "page.html").read_text()
    assert (tmp_path / "skills" / "autoresearch" / "SKILL.md").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "page.html", "skills"}


@pytest.mark.parametrize("module", ["agent", "agent.cli.main"])
def test_the_module_is_the_program(module: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", module]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "report", "nothing"], cwd=tmp_path, env=environment, capture_output=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"autoresearch: no study named 'nothing'")


@pytest.mark.parametrize("module", ["agent.__main__", "agent.cli.main"])
def test_windows_gets_one_line(module: str, tmp_path: Path) -> None:
    lacking = "sys.modules |= dict.fromkeys(['fcntl', 'resource', 'typer'])"
    code = f"import sys; sys.platform = 'win32'; {lacking}; import {module}"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "autoresearch: needs Linux or macOS; on Windows use WSL2\n"
