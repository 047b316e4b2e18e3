"""Random kills over small studies: who is killed, in which stage, and what must still hold."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import git
import psutil

from search_space.recipes import RECIPES
from search_space.render import render
from search_space.spec import make_spec

VICTIMS = ("coordinator", "zygote", "host", "trainer", "builder")
STAGES = ("search", "confirm", "ablate", "compare", "publish")
KERNEL_NAMES = {"host": "ar-host", "trainer": "ar-trainer", "builder": "ar-data"}
STUDY = "killed"
BUDGET = 5
WAIT_S = 240.0
MOMENT_S = {"search": 1.5, "confirm": 1.5, "ablate": 2.0, "compare": 0.8, "publish": 0.5}
"""About how long a stage lasts; a kill comes at a random moment of it."""
SEARCH_KILLS = 2
"""Of the coordinator: a trial that a third one hits counts as what killed it, by design."""
# comparing with every recipe takes most of the time
PROGRAM = "import sys, agent.known; from agent.cli.main import main; agent.known.RECIPES = {}; "
COMMAND = [sys.executable, "-c", f"{PROGRAM}sys.exit(main())"]
NEW = ["run", "--track", "mqar", "--scale", "small", "--budget", str(BUDGET), "--study", STUDY]
NEW += ["--submission", "strong.py", "--seeds", "5", "--jobs", "2"]
STRONG = {
    "momentum": {"part": "ema", "beta": 0.5},
    "direction": {"part": "adam", "beta2": 0.9},
    "schedule": {"part": "wsd", "lr": 0.2, "decay": 0.6, "warmup": 0.05},
}


@dataclass(frozen=True)
class Kill:
    victim: str
    stage: str
    after_s: float


@dataclass
class Tally:
    """Kills that hit, and what was found wrong after them."""

    kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    missed: int = 0
    """Moments that came when the victim or the stage was gone already."""
    studies: int = 0

    def table(self) -> str:
        head = f"{'killed':12}" + "".join(f"{stage:>10}" for stage in (*STAGES, "all"))
        lines = [head]
        for victim in VICTIMS:
            row = [self.kills[victim, stage] for stage in STAGES]
            lines.append(f"{victim:12}" + "".join(f"{n:>10}" for n in (*row, sum(row))))
        lines.append(
            f"{self.kills.total()} kills in {self.studies} studies, {self.missed} came too late; "
            f"faults: {len(self.faults)}"
        )
        return "\n".join([*lines, *self.faults])


def planned(random_: random.Random, kills: int, cells: list[tuple[str, str]]) -> list[Kill]:
    """The next kills of one study in the order of its stages; `cells` are what is to be hit."""
    chosen = sorted((cells.pop(0) for _ in range(min(kills, len(cells)))), key=_by_stage)
    return [Kill(v, s, random_.uniform(0, MOMENT_S[s])) for v, s in chosen]


def _by_stage(cell: tuple[str, str]) -> int:
    return STAGES.index(cell[1])


def all_cells(random_: random.Random, kills: int) -> list[tuple[str, str]]:
    """Every victim in every stage, as often as `kills` allows, in random order."""
    every = [(victim, stage) for victim in VICTIMS for stage in STAGES]
    cells: list[tuple[str, str]] = []
    while len(cells) < kills:
        random_.shuffle(every)
        cells += every
    return cells[:kills]


def repository(folder: Path) -> git.Repo:
    """A project with one commit and a submission that wins on the small scale."""
    repo = git.Repo.init(folder, initial_branch="main")
    with repo.config_writer() as config:
        config.set_value("user", "name", "Tester")
        config.set_value("user", "email", "tester@example.org")
    (folder / ".gitignore").write_text("runs/\nsaid.txt\n")
    (folder / "strong.py").write_text(render(make_spec(STRONG), 80))
    adamw = folder / "submissions" / "adamw"
    adamw.mkdir(parents=True)
    (adamw / "submission.py").write_text(render(RECIPES["adamw"], 400))
    repo.git.add(all=True)
    repo.index.commit("begin")
    return repo


class Study:
    """One small study, its kills, and its check at the end."""

    def __init__(self, folder: Path, tally: Tally) -> None:
        folder.mkdir(parents=True)
        self._folder, self._tally = folder, tally
        self._repo = repository(folder)
        self._seen: dict[int, str] = {}
        self._family: dict[int, psutil.Process] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, kills: list[Kill]) -> None:
        self._tally.studies += 1
        where = " ".join(f"{k.victim}/{k.stage}+{k.after_s:.2f}" for k in kills)
        try:
            for kill in kills:
                if not self._strike(kill):
                    self._tally.missed += 1
            self._finish()
            self._check()
        except AssertionError as error:
            self._tally.faults.append(f"{error} [{self._folder}: {where}]")
        finally:
            self._end()

    def _strike(self, kill: Kill) -> bool:
        """Wait for the stage, then for the moment, then kill; False where it came too late."""
        self._start()
        assert self._process
        if not self._reached(kill.stage):
            return False
        time.sleep(kill.after_s)
        victim = self._victim(kill.victim, kill.stage)
        if victim is None:
            return False
        with suppress(psutil.NoSuchProcess):
            victim.kill()
            if kill.victim == "coordinator":
                self._process.wait(20)
                self._no_orphans()
                self._compare()
            self._tally.kills[kill.victim, kill.stage] += 1
            return True
        return False

    def _start(self) -> None:
        """Begin the study, or go on with it, where no process runs it now."""
        if self._process and self._process.poll() is None:
            return
        if self._process:
            self._require_good_end()
        words = ["run", "--resume", STUDY] if self._attribute("settings") else NEW
        with open(self._folder / "said.txt", "ab") as said:
            self._process = subprocess.Popen(
                [*COMMAND, *words],
                cwd=self._folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            )  # fmt: skip

    def _require_good_end(self) -> None:
        assert self._process
        said = (self._folder / "said.txt").read_text(errors="replace")
        assert self._process.returncode in (0, -signal.SIGKILL), said[-1500:]
        assert "Traceback" not in said, said[-1500:]

    def _reached(self, stage: str) -> bool:
        """Wait until the study is in this stage; False where it is past it or has ended."""
        assert self._process
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if self._process.poll() is not None:
                return False
            # a resumed study passes through its stages again
            if (now := self._attribute("stage")) == stage:
                return True
            if now == "done":
                return False
            time.sleep(0.01)
        raise AssertionError(f"hung before {stage}: {self._tail()}")

    def _victim(self, kind: str, stage: str) -> psutil.Process | None:
        assert self._process
        end = time.monotonic() + 3.0
        while time.monotonic() < end and self._process.poll() is None:
            if self._attribute("stage") != stage:
                return None
            found = self._processes()
            if found.get(kind):
                return found[kind][-1]
            time.sleep(0.002)
        return None

    def _processes(self) -> dict[str, list[psutil.Process]]:
        """Processes of the study by their kind."""
        assert self._process
        found: dict[str, list[psutil.Process]] = {"coordinator": [], "zygote": []}
        with suppress(psutil.NoSuchProcess):
            coordinator = psutil.Process(self._process.pid)
            found["coordinator"] = [coordinator]
            for child in coordinator.children(recursive=True):
                self._family[child.pid] = child
                with suppress(psutil.NoSuchProcess, OSError):
                    if child.ppid() == coordinator.pid and "zygote_start" in child.cmdline():
                        found["zygote"].append(child)
                    name = Path(f"/proc/{child.pid}/comm").read_text().strip()
                    if name == "ar-zygote":
                        found["zygote"].append(child)
                    for kind, known in KERNEL_NAMES.items():
                        if name == known:
                            found.setdefault(kind, []).append(child)
        return found

    def _no_orphans(self) -> None:
        _, alive = psutil.wait_procs([*self._family.values()], timeout=20)
        assert not alive, f"processes outlived their coordinator: {alive}"
        self._family.clear()

    def _finish(self) -> None:
        for _ in range(3):
            self._start()
            assert self._process
            try:
                self._process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                raise AssertionError(f"hung: {self._tail()}") from None
            self._require_good_end()
            if self._attribute("stage") == "done" and self._process.returncode == 0:
                return
        raise AssertionError(f"never done: {self._tail()}")

    def _check(self) -> None:
        self._no_orphans()
        self._compare()
        assert sorted(self._seen) == list(range(BUDGET)), f"trials lost or doubled: {self._seen}"
        digests = [json.loads(record)["digest"] for record in self._seen.values()]
        assert len(set(digests)) == BUDGET, "a proposal was evaluated twice"
        for record in self._seen.values():
            outcome = json.loads(record)["outcome"]
            assert outcome["state"] in ("complete", "pruned"), outcome
        self._check_commit()

    def _check_commit(self) -> None:
        said = self._repo.git.fsck("--strict", "--no-dangling")
        assert not said.strip(), said
        assert not self._repo.is_dirty(untracked_files=True), self._repo.git.status()
        assert not [*(self._folder / ".git").rglob("*.lock")], "git's locks are left"
        verdict = json.loads((self._folder / "runs" / STUDY / "verdict.json").read_text())
        branches = [head.name for head in self._repo.heads]
        assert (f"autoresearch/{STUDY}" in branches) == verdict["accepted"], branches
        if not verdict["accepted"]:
            return
        commits = [*self._repo.iter_commits(f"main..autoresearch/{STUDY}")]
        assert len(commits) == 1, "a winner is committed once"
        files = sorted(name for name in commits[0].stats.files)
        assert len(files) == 4, files

    def _compare(self) -> None:
        now = {number: record for number, record in self._finished()}
        for number, record in self._seen.items():
            assert now.get(number) == record, f"finished trial {number} was lost or changed"
        self._seen = now

    def _finished(self) -> Iterator[tuple[int, str]]:
        """Finished trials as the ledger has them: number, and all that is said of it."""
        rows = self._rows(
            "SELECT t.number, t.state, t.datetime_complete, a.key, a.value_json, v.value "
            "FROM trials t JOIN trial_user_attributes a ON a.trial_id = t.trial_id "
            "LEFT JOIN trial_values v ON v.trial_id = t.trial_id "
            "WHERE t.state IN ('COMPLETE', 'PRUNED', 'FAIL') ORDER BY t.number"
        )
        trials: dict[int, dict[str, object]] = {}
        for number, state, ended, key, text, value in rows:
            record = trials.setdefault(number, {"state": state, "ended": ended, "value": value})
            record[key] = json.loads(text)
        for number, record in trials.items():
            if record["outcome"]["state"] != "duplicate":  # type: ignore[index]
                record["digest"] = record["proposal"]["digest"]  # type: ignore[index]
                yield number, json.dumps(record, sort_keys=True)

    def _attribute(self, key: str) -> str:
        query = f"SELECT value_json FROM study_user_attributes WHERE key = '{key}'"
        rows = self._rows(query)
        return str(json.loads(rows[0][0])) if rows else ""

    def _rows(self, query: str) -> list[tuple[object, ...]]:  # type: ignore[type-arg]
        path = self._folder / "runs" / "ledger.db"
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as c,
        ):
            return c.execute(query).fetchall()
        return []

    def _tail(self) -> str:
        return (self._folder / "said.txt").read_text(errors="replace")[-800:]

    def _end(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def run_campaign(folder: Path, seed: int, kills: int, tally: Tally, per_study: int = 5) -> None:
    """Studies one after another until so many kills were planned."""
    random_ = random.Random(seed)
    cells = all_cells(random_, kills)
    number = 0
    while cells:
        plan = planned(random_, per_study, cells)
        Study(folder / f"{seed}-{number}", tally).run(_bearable(plan))
        number += 1


def _bearable(kills: list[Kill]) -> list[Kill]:
    """Without more kills of the coordinator in a search than a trial survives."""
    searching = [k for k in kills if (k.victim, k.stage) == ("coordinator", "search")]
    too_many = searching[SEARCH_KILLS:]
    return [k for k in kills if k not in too_many]


if __name__ == "__main__":
    found = Tally()
    run_campaign(Path(sys.argv[3]), int(sys.argv[2]), int(sys.argv[1]), found)
    print(found.table())
    os._exit(bool(found.faults))
