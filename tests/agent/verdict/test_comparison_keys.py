"""The key of a comparison: nothing of it exists before both files are frozen; then there is one."""

import hashlib
import hmac
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import optuna
import psutil
import pytest

from agent.judge import Options
from agent.pipeline import run_study
from agent.study import workspace
from agent.study.evaluation_store import EvaluationStore
from agent.study.ledger import Ledger
from agent.study.local_executor import LocalExecutor
from agent.study.locks import FileLocks
from agent.study.study import Study
from agent.study.workspace import Workspace
from agent.verdict import comparison_keys
from agent.verdict.comparison_keys import (
    DRAWN,
    ComparisonKeys,
    SeededKeys,
    drawn_keys,
    instance_texts,
)
from helpers import ROOT, Call
from helpers.studies import SETTINGS, run
from helpers.verdicts import verdict
from helpers.views import Recorder
from tracks.instance import WIDE, drawn_instance
from tracks.isolation.launcher import Launcher
from tracks.procedure import search_procedure
from tracks.registry import get_track
from tracks.submission import Submission

ONE, OTHER = "1" * 64, "2" * 64
ALONE = replace(SETTINGS, budget=1)
UNABLATED = Options(ablation=False, commit=False, transfer=False)


@pytest.fixture(autouse=True)
def known_keys() -> None:
    """Here keys are drawn from the system, as they are in a study."""


class Kept(Study):
    """A study in which every record of a comparison is seen."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.locks = folder, FileLocks(folder.parent)
        self.history: list[Any] = []
        self.records: dict[str, Any] = {}

    @property
    def name(self) -> str:
        return self.folder.name

    def notes(self, prefix: str) -> dict[str, Any]:
        return self.records

    def note(self, name: str, value: Any) -> None:
        self.records[name] = value
        self.history.append(value)

    def keys_of(self) -> ComparisonKeys:
        return ComparisonKeys(self)


def test_texts_tell_nothing_of_the_key_and_differ_in_everything() -> None:
    usual = ("key", ONE, OTHER, "mqar", "small")
    texts = instance_texts(*usual, 3)
    assert instance_texts(*usual, 2) == texts[:2]
    for place in range(len(usual)):
        texts += instance_texts(*(w + "x" if n == place else w for n, w in enumerate(usual)), 3)
    assert len(set(texts)) == 18
    assert all(re.fullmatch("[0-9a-f]{24}", text) for text in texts)
    wide = instance_texts("wide-key", *usual[1:], 3)
    assert all(re.fullmatch("wide-[0-9a-f]{24}", text) for text in wide)


def test_the_digests_are_kept_before_a_key_is_drawn_and_the_key_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(tmp_path)
    frozen = {"challenger": ONE, "opponent": OTHER}
    at_draw: list[Any] = []

    def draw(count: int) -> bytes:
        at_draw.append(list(kept.history))
        return bytes(range(count))

    monkeypatch.setattr(comparison_keys.os, "urandom", draw)
    key = kept.keys_of().key(ONE, OTHER)
    assert key == "wide-" + bytes(range(32)).hex()
    assert at_draw == [[frozen | {"key": None}]]
    assert kept.history == [frozen | {"key": None}, frozen | {"key": key}]
    assert kept.keys_of().key(ONE, OTHER) == key
    assert len(at_draw) == 1
    assert kept.keys_of().drawn() == [key]


def test_pairs_and_studies_have_keys_of_their_own(workspace_folder: Path) -> None:
    ledger = Ledger(Workspace(workspace_folder))
    studies = [ledger.create(name, SETTINGS) for name in ("first", "second")]
    drawn = [ComparisonKeys(s).key(*pair) for s in studies for pair in ((ONE, OTHER), (OTHER, ONE))]
    assert len(set(drawn)) == 4
    assert all(DRAWN.fullmatch(key) for key in drawn)
    assert sorted(drawn_keys(ledger)) == sorted(drawn)
    again = ComparisonKeys(Ledger(Workspace(workspace_folder), read_only=True).open("first"))
    assert [again.key(ONE, OTHER), again.key(OTHER, ONE)] == drawn[:2]


def test_what_a_seed_stands_for_is_no_drawn_key() -> None:
    keys = SeededKeys("selftest/0")
    assert keys.key(ONE, OTHER) == keys.key(OTHER, ONE) == "seed:selftest/0"
    assert not DRAWN.fullmatch(keys.key(ONE, OTHER))


KILLED = """
import os, signal, sys
from pathlib import Path
from agent.verdict import comparison_keys
from agent.study.ledger import Ledger
from agent.study.workspace import Workspace
from agent.verdict.comparison_keys import ComparisonKeys

point, count, draw = int(sys.argv[1]), 0, os.urandom


def drawn(size):
    with open("drawn", "a") as file:
        file.write("x")
    return draw(size)


study = Ledger(Workspace(Path.cwd())).open("killed")
keys = ComparisonKeys(study)
write, comparison_keys.os.urandom = study.note, drawn


def written(name, value):
    global count
    for act in (lambda: None, lambda: write(name, value)):
        act()
        if count == point:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1


study.note = written
print(keys.key(sys.argv[2], sys.argv[3]))
"""


@pytest.mark.processes
@pytest.mark.parametrize(("point", "draws"), [(0, 1), (1, 1), (2, 2), (3, 1)])
def test_a_kill_at_any_write_leaves_one_key(workspace_folder: Path, point: int, draws: int) -> None:
    """Before and after the digests, before and after the key; a key that was not kept is gone."""
    Ledger(Workspace(workspace_folder)).create("killed", SETTINGS)
    command = [sys.executable, "-c", KILLED, str(point), ONE, OTHER]
    assert subprocess.run(command).returncode == -signal.SIGKILL
    attributes = Ledger(Workspace(workspace_folder)).open("killed").optuna.user_attrs
    kept = attributes.get(f"comparison {ONE}/{OTHER}")
    if point == 0:
        assert kept is None
    else:
        assert (kept["challenger"], kept["opponent"]) == (ONE, OTHER)
        assert (kept["key"] is not None) == (point == 3)
    command[3] = "-1"
    found = {subprocess.check_output(command, text=True).strip() for _ in range(2)}
    assert len(found) == 1, "taken up again it is the same"
    if point == 3:
        assert found == {kept["key"]}, "what was kept is not drawn again"
    assert len(Path("drawn").read_text()) == draws
    assert drawn_keys(Ledger(Workspace(workspace_folder))) == list(found)


BEGIN = """
import sys, time
from pathlib import Path
from agent.study.ledger import Ledger
from agent.study.workspace import Workspace
from agent.verdict.comparison_keys import ComparisonKeys

keys = ComparisonKeys(Ledger(Workspace(Path.cwd())).open("shared"))
print("ready", flush=True)
sys.stdin.readline()
print(keys.key(sys.argv[1], sys.argv[2]))
"""


@pytest.mark.processes
def test_processes_that_begin_the_same_comparison_have_one_key(workspace_folder: Path) -> None:
    Ledger(Workspace(workspace_folder)).create("shared", SETTINGS)
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", BEGIN, ONE, OTHER]
    started = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(4)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    found = {process.communicate()[0] for process in started}
    assert len(found) == 1
    assert DRAWN.fullmatch(found.pop().strip())


def test_threads_that_begin_the_same_comparison_have_one_key(tmp_path: Path) -> None:
    class Slow(Kept):
        def note(self, name: str, value: Any) -> None:
            time.sleep(0.01)  # time for another to read what was there before
            super().note(name, value)

    kept, found = Slow(tmp_path), []
    start = threading.Barrier(8)

    def begin() -> None:
        start.wait()
        found.append(kept.keys_of().key(ONE, OTHER))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(kept.history) == 2


def everything(folder: Path) -> bytes:
    """What a process can read there at this moment: every byte of every file, and their names."""
    content = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with suppress(FileNotFoundError):  # the name that a file has while it is written
            content.append(bytes(path) + b"\0" + path.read_bytes())
    return b"\0".join(content)


def forms(key: str) -> list[bytes]:
    raw = bytes.fromhex(key)
    base64 = [b64encode(bytes(n) + raw)[4 : 4 + 36] for n in range(3)]
    return [
        key.encode(),
        key.upper().encode(),
        raw,
        raw[::-1],
        key.encode().hex().encode(),
        *base64,
    ]


def test_who_reads_all_files_before_the_freeze_learns_nothing(
    launcher: Launcher, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte of runs/ around each write, up to the moment before each key is drawn."""
    seen: list[bytes] = []
    before: dict[str, int] = {}
    draw, attribute, replaced = os.urandom, optuna.Study.set_user_attr, os.replace

    def drawn(count: int) -> bytes:
        seen.append(everything(Path("runs")))
        raw = draw(count)
        before[WIDE + raw.hex()] = len(seen)
        return raw

    def watched(write: Callable[..., Any]) -> Callable[..., Any]:
        def written(*arguments: Any) -> Any:
            seen.append(everything(Path("runs")))
            result = write(*arguments)
            seen.append(everything(Path("runs")))
            return result

        return written

    # not those of other tests
    Path("runs/evaluations").mkdir(parents=True)
    monkeypatch.setattr(comparison_keys, "os", type("Os", (), {"urandom": staticmethod(drawn)}))
    monkeypatch.setattr(optuna.Study, "set_user_attr", watched(attribute))
    monkeypatch.setattr(optuna.Trial, "set_user_attr", watched(optuna.Trial.set_user_attr))
    monkeypatch.setattr(workspace.os, "replace", watched(replaced))
    data, _ = run(launcher, ALONE, "read", Options(commit=False))
    verdict, simplified = data["verdict"], data["ablation"]["simplified"]
    records = [verdict.get("before_simplifying") or verdict]
    records += [simplified["verdict"]] if simplified else []
    assert set(before) == {record["key"] for record in records}
    for record in records:
        place = before[record["key"]]
        assert place > 10
        pair = record["challenger_digest"], record["incumbent_digest"]
        hidden = forms(record["key"].removeprefix(WIDE))
        texts = instance_texts(record["key"], *pair, "mqar", "small", 13)
        hidden += [text.removeprefix(WIDE).encode() for text in texts]
        assert not [form for form in hidden for files in seen[:place] if form in files]
        assert f"comparison {'/'.join(pair)}".encode() in seen[place - 1], "they were kept first"
        assert record["key"].encode() in everything(Path("runs")), "the search finds what is there"


def test_equal_studies_draw_different_keys_and_each_comes_to_the_same_again(
    launcher: Launcher, workspace_folder: Path
) -> None:
    first, second = (run(launcher, ALONE, name, UNABLATED)[0]["verdict"] for name in "ab")
    assert first["challenger_digest"] == second["challenger_digest"]
    assert first["incumbent_digest"] == second["incumbent_digest"]
    assert first["key"] != second["key"]
    texts = [{pair["drawn_from"] for pair in v["pairs"]} for v in (first, second)]
    assert not texts[0] & texts[1]
    study = Ledger(Workspace(workspace_folder)).open("a")
    # as a kill in the middle of the confirmation leaves it: a key, and no verdict
    for name in ("verdict", "publication"):
        (study.folder / f"{name}.json").unlink(missing_ok=True)
    executor = LocalExecutor(launcher, 2, study.store)
    again = run_study(Workspace(workspace_folder), study, executor, Recorder(), UNABLATED)
    assert again.to_json()["verdict"]["pairs"] == first["pairs"]
    assert ComparisonKeys(study).drawn() == [first["key"]]


def test_instances_follow_from_the_evidence_alone(
    launcher: Launcher, call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # not on all instances of this scale is the challenger accepted
    keys = (hashlib.sha256(bytes([number])).hexdigest() for number in itertools.count())
    monkeypatch.setattr("agent.verdict.comparison_keys.draw", lambda: next(keys))
    data, _ = run(launcher, ALONE, "proved", Options(name="mine", commit=False))
    folder = Path(data["publication"]["files"])
    evidence = json.loads((folder / "evidence.json").read_text())
    verdict = evidence["verdict"]
    what = [verdict[n] for n in ("challenger_digest", "incumbent_digest", "track", "scale")]
    for index, pair in enumerate(verdict["pairs"]):
        message = "/".join([*what, str(index)]).encode()
        text = hmac.new(verdict["key"].encode(), message, hashlib.sha256).hexdigest()[:24]
        assert pair["drawn_from"] == text
        assert pair["seeds"]["teacher"] == (
            int.from_bytes(hashlib.sha256(f"{text}/mqar/teacher".encode()).digest()[:8], "big") >> 1
        )
    for page in (
        folder / "README.md",
        *(Path("runs/proved") / f"report.{n}" for n in ("md", "html")),
    ):
        text = page.read_text()
        assert verdict["key"] in text
        assert "/".join(what) + "/i" in text
        assert "autoresearch significance instances " in text
    assert verdict["key"] in call("report", "proved")[1]
    status, out, _ = call("significance", "instances", str(folder), "--json")
    told = json.loads(out)
    assert (status, told["equal"], told["file_changed"]) == (0, True, False)
    names = {row["comparison"] for row in told["instances"]}
    assert names >= {"verdict", "ablation"}
    assert ("before simplifying" in names) == bool(verdict["before_simplifying"])
    report = workspace_folder / "report.json"
    report.write_text(json.dumps(data))
    for path in (folder / "evidence.json", "runs/proved/verdict.json", report):
        status, out, _ = call("significance", "instances", str(path))
        assert (status, verdict["pairs"][0]["drawn_from"] in out) == (0, True)
    assert "instances are as recorded" in out


def published(folder: Path, **changed: Any) -> Path:
    """Evidence of two instances, as it is or with something changed."""
    key = "ab" * 32
    texts = instance_texts(key, ONE, OTHER, "mqar", "small", 2)
    drawn = [(text, asdict(drawn_instance("mqar", text, "small"))) for text in texts]
    pairs = [
        {"drawn_from": text, "seeds": instance["seeds"], "challenger": 1.0, "incumbent": 2.0}
        for text, instance in drawn
    ]
    where = verdict(scale="small", challenger_digest=ONE, incumbent_digest=OTHER).to_json()
    path = folder / "evidence.json"
    path.write_text(json.dumps({"verdict": where | {"key": key, "pairs": pairs} | changed}))
    return path


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"key": "cd" * 32}, "RECORDED: "),
        ({"challenger_digest": OTHER}, "RECORDED: "),
        ({"scale": "full"}, "RECORDED: "),
        ({"key": "seed:selftest/0"}, "a key was not drawn"),
    ],
)
def test_evidence_that_was_changed_is_not_as_recorded(
    call: Call, workspace_folder: Path, changed: dict[str, str], said: str
) -> None:
    assert call("significance", "instances", str(published(workspace_folder)))[0] == 0
    status, out, err = call(
        "significance", "instances", str(published(workspace_folder, **changed))
    )
    assert status == 3
    assert said in out + err
    assert "0 of 2 instances are as recorded" in out


def test_evidence_of_another_file_or_none_is_refused(call: Call, workspace_folder: Path) -> None:
    path = published(workspace_folder)
    (workspace_folder / "submission.py").write_text("class Submission: pass\n")
    status, _, err = call("significance", "instances", str(path))
    assert (status, "is not the frozen file" in err) == (3, True)
    for text in ("{}", "[]", "no", '{"verdict": {"pairs": [], "challenger_digest": ""}}'):
        path.write_text(text)
        status, out, err = call("significance", "instances", str(path))
        assert (status, out, err.count("\n")) == (2, "", 1), text
    assert call("significance", "instances", "nowhere.json")[0] == 2


def test_no_process_shows_an_instance_or_its_key(
    launcher: Launcher, workspace_folder: Path
) -> None:
    """In its command line, its environment or its name, while it evaluates."""
    key = os.urandom(32).hex()
    (text,) = instance_texts(key, ONE, OTHER, "mqar", "small", 1)
    instance = drawn_instance("mqar", text, "small")
    seeds = [str(seed) for seed in asdict(instance.seeds).values()]
    hidden = [form.encode() for form in (key, text, *seeds)]
    shown: dict[int, bytes] = {}

    def look(_: int) -> None:
        me = psutil.Process()
        for process in [me, *me.children(recursive=True)]:
            for name in ("cmdline", "environ", "comm"):
                try:
                    content = Path(f"/proc/{process.pid}/{name}").read_bytes()
                except OSError:
                    continue  # hidden from others, or gone
                shown[process.pid] = shown.get(process.pid, b"") + content

    executor = LocalExecutor(launcher, 1, EvaluationStore(workspace_folder / "kept"))
    source = (ROOT / "submissions/adamw/submission.py").read_text()
    procedure = search_procedure(get_track("mqar"), "steps")
    evaluation = executor.submit(Submission(source), instance, procedure, look).result()
    assert evaluation.complete
    assert len(shown) >= 4, "this process, the zygote, a trainer and a host"
    assert not [form for form in hidden for content in shown.values() if form in content]
