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
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import git
import psutil

from helpers.repositories import new_repository
from search_space.recipes import RECIPES
from search_space.render import render

VICTIMS = ("coordinator", "zygote", "host", "trainer", "builder")
STAGES = ("search", "confirm", "ablate", "compare", "transfer", "publish")
KERNEL_NAMES = {
    "ar-zygote": "zygote", "ar-host": "host", "ar-trainer": "trainer", "ar-data": "builder"
}  # fmt: skip
SEARCHING = "searching:"
STUDY = "killed"
BUDGET = 5
WAIT_S = 240.0
TRIES = 6
"""How often a kill is tried that came too late; in some stages some victims hardly ever run."""
SEARCH_KILLS = 2
"""Of the coordinator: a trial that a third one hits counts as what killed it, by design."""
# comparing with every recipe takes most of the time; one that is sampled wins on the small scale
PROGRAM = """
import sys
import agent.proposers.gates.known
from agent.cli.main import main
from search_space import sample
from faults.campaign import STRONG
from search_space.spec import make_spec
agent.proposers.gates.known.RECIPES = {}
sample.RECIPES = {"strong": make_spec(STRONG), "adamw": sample.RECIPES["adamw"]}
sys.exit(main())
"""
COMMAND = [sys.executable, "-c", PROGRAM]
TESTS = Path(__file__).resolve().parents[1]
NEW = ["run", "--track", "mqar", "--scale", "small", "--budget", str(BUDGET), "--study", STUDY]
NEW += ["--seeds", "5", "--jobs", "2"]
STRONG = {
    "momentum": {"part": "ema", "beta": 0.5},
    "direction": {"part": "adam", "beta2": 0.9},
    "schedule": {"part": "wsd", "lr": 0.2, "decay": 0.6, "warmup": 0.05},
}


@dataclass(frozen=True)
class Kill:
    victim: str
    stage: str
    moment: float
    """Of the stage's time, from 0 to 1."""
    tried: int = 0


@dataclass
class Tally:
    """Kills that hit, and what was found wrong after them."""

    kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    given_up: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Kills that always came when the victim or the stage was gone."""
    studies: int = 0
    stages_s: dict[str, float] = field(
        default_factory=lambda: {
            "search": 1.5, "confirm": 1.0, "ablate": 1.5,
            "compare": 0.5, "transfer": 15, "publish": 0.2,
        }
    )  # fmt: skip
    """About how long each stage lasts, from the study before."""

    def table(self) -> str:
        head = f"{'killed':12}" + "".join(f"{stage:>10}" for stage in (*STAGES, "all"))
        lines = [head]
        for victim in VICTIMS:
            row = [self.kills[victim, stage] for stage in STAGES]
            lines.append(f"{victim:12}" + "".join(f"{n:>10}" for n in (*row, sum(row))))
        lines.append(
            f"{self.kills.total()} kills in {self.studies} studies; "
            f"{self.given_up.total()} had nobody to hit; faults: {len(self.faults)}"
        )
        return "\n".join([*lines, *self.faults])


def planned(random_: random.Random, kills: int) -> list[Kill]:
    """Every victim in every stage, as often as `kills` allows, in random order."""
    every = [(victim, stage) for victim in VICTIMS for stage in STAGES]
    chosen: list[Kill] = []
    while len(chosen) < kills:
        random_.shuffle(every)
        chosen += [Kill(victim, stage, random_.random()) for victim, stage in every]
    return chosen[:kills]


def of_one_study(queue: list[Kill], most: int) -> list[Kill]:
    """The next kills that one study can take, in the order of its stages."""
    chosen: list[Kill] = []
    for kill in [*queue]:
        searching = [k for k in chosen if (k.victim, k.stage) == ("coordinator", "search")]
        is_one = (kill.victim, kill.stage) == ("coordinator", "search")
        if len(chosen) < most and not (is_one and len(searching) >= SEARCH_KILLS):
            chosen.append(kill)
            queue.remove(kill)
    return sorted(chosen, key=lambda kill: STAGES.index(kill.stage))


def repository(folder: Path) -> git.Repo:
    """A project with one commit."""
    adamw = folder / "submissions" / "adamw"
    adamw.mkdir(parents=True)
    (adamw / "submission.py").write_text(render(RECIPES["adamw"], 400))
    return new_repository(folder, "said.txt")


def children(pid: int) -> list[int]:
    """Process identifiers of the children of all threads of a process; psutil takes too long."""
    found: list[int] = []
    # a process or a thread may end between two of these reads
    with suppress(OSError):
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(word) for word in path.read_text().split()]
    return found


class Study:
    """One small study, its kills, and its check at the end; `options` leave stages out."""

    def __init__(self, folder: Path, tally: Tally, options: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True)
        self._folder, self._tally, self._new = folder, tally, [*NEW, *options]
        self._repo = repository(folder)
        self._seen: dict[int, str] = {}
        self._family: dict[int, psutil.Process] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._said_before = 0

    def run(self, kills: list[Kill]) -> list[Kill]:
        """Those that came too late."""
        self._tally.studies += 1
        where = " ".join(f"{k.victim}/{k.stage}@{k.moment:.2f}" for k in kills)
        missed: list[Kill] = []
        try:
            missed = [kill for kill in kills if not self._strike(kill)]
            self._finish()
            self._check()
            self._note_times()
        except AssertionError as error:
            self._tally.faults.append(f"{error} [{self._folder}: {where}]")
        finally:
            self._end()
        return missed

    def _note_times(self) -> None:
        rows = self._rows("SELECT value_json FROM study_user_attributes WHERE key = 'costs'")
        spent = json.loads(str(rows[0][0]))
        known = self._tally.stages_s
        for stage in STAGES:
            if stage in spent:
                known[stage] = (known[stage] + min(spent[stage]["wall_s"], 2 * known[stage])) / 2

    def _strike(self, kill: Kill) -> bool:
        """Wait for the stage, then for the moment, then kill; False where it came too late."""
        self._start()
        assert self._process
        if not self._reached(kill.stage):
            return False
        time.sleep(kill.moment * self._tally.stages_s[kill.stage])
        victim = self._victim(kill.victim, kill.stage)
        if victim is None:
            return False
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            return False
        if kill.victim == "coordinator":
            self._process.wait(20)
            self._no_orphans()
            self._compare()
        self._tally.kills[kill.victim, kill.stage] += 1
        return True

    def _start(self) -> None:
        """Begin the study, or go on with it, where no process runs it now."""
        if self._process and self._process.poll() is None:
            return
        if self._process:
            self._require_good_end()
        words = ["run", "--resume", STUDY] if self._attribute("settings") else self._new
        self._said_before = self._said().count(SEARCHING)
        paths = os.pathsep.join([str(TESTS.parent), str(TESTS)])
        environment, quiet = os.environ | {"PYTHONPATH": paths}, subprocess.DEVNULL
        with open(self._folder / "said.txt", "ab") as said:
            self._process = subprocess.Popen(
                [*COMMAND, *words],
                cwd=self._folder, env=environment, stdin=quiet, stdout=said, stderr=said,
            )  # fmt: skip

    def _require_good_end(self) -> None:
        assert self._process
        said = self._said()
        assert self._process.returncode in (0, -signal.SIGKILL), said[-1500:]
        assert "Traceback" not in said, said[-1500:]

    def _reached(self, stage: str) -> bool:
        """Wait until the study is in this stage; False where it is past it or has ended."""
        assert self._process
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if self._process.poll() is not None:
                return False
            now = self._attribute("stage")
            if self._said().count(SEARCHING) == self._said_before:
                now = "starting"  # a resumed study passes through its stages again
            if now == stage:
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
        found: dict[str, list[psutil.Process]] = {kind: [] for kind in VICTIMS}
        with suppress(psutil.NoSuchProcess):
            found["coordinator"] = [psutil.Process(self._process.pid)]
        waiting = [self._process.pid]
        while waiting:
            for child in children(waiting.pop()):
                waiting.append(child)
                with suppress(psutil.NoSuchProcess, OSError):
                    process = self._family.setdefault(child, psutil.Process(child))
                    name = Path(f"/proc/{child}/comm").read_text().strip()
                    if name in KERNEL_NAMES:
                        found[KERNEL_NAMES[name]].append(process)
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
        now = dict(self._finished())
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

    def _said(self) -> str:
        path = self._folder / "said.txt"
        return path.read_text(errors="replace") if path.exists() else ""

    def _tail(self) -> str:
        return self._said()[-800:]

    def _end(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._repo.close()


def run_campaign(folder: Path, seed: int, kills: int, tally: Tally, per_study: int = 6) -> None:
    """Studies one after another until so many kills have hit, or had nobody to hit."""
    queue, number = planned(random.Random(seed), kills), 0
    while queue:
        chosen = of_one_study(queue, per_study)
        for kill in Study(folder / f"{seed}-{number}", tally).run(chosen):
            if kill.tried < TRIES:
                queue.append(replace(kill, moment=kill.moment / 2, tried=kill.tried + 1))
            else:
                tally.given_up[kill.victim, kill.stage] += 1
        number += 1
        (folder / f"table-{seed}.txt").write_text(tally.table())
