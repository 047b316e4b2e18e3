"""kill -9 at random moments: every finished trial stays, the budget comes out exact."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from agent.cli.common import open_ledger
from agent.ledger import StudyLedger

KILLS = 10
BUDGET = 24
COMMAND = [sys.executable, "-c", "import sys; from agent.cli.main import main; sys.exit(main())"]
NEW = ["run", "--track", "mqar", "--scale", "small", "--budget", str(BUDGET), "--study", "killed"]
RESUME = ["run", "--resume", "killed"]


def finished(study: StudyLedger) -> dict[int, tuple[Any, ...]]:
    return {
        trial.number: (
            trial.values,
            trial.datetime_complete,
            trial.user_attrs["proposal"]["digest"],
        )
        for trial in study.finished()
    }


def test_ten_kills_lose_no_trial_and_run_none_twice(workspace_folder: Path) -> None:
    moments = random.Random(20260101)
    seen: dict[int, tuple[Any, ...]] = {}
    progress = []
    for _ in range(KILLS):
        known = "killed" in open_ledger().names()
        process = subprocess.Popen(
            [*COMMAND, *(RESUME if known else NEW)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # most of the first seconds go to starting up, when there is little to lose
        time.sleep(moments.uniform(2.5, 6.5))
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
        _, alive = psutil.wait_procs(children, timeout=20)
        assert not alive, "processes outlived their coordinator"
        if "killed" in open_ledger().names():
            now = finished(open_ledger().open("killed"))
            assert seen.items() <= now.items(), "a finished trial was lost or changed"
            seen = now
        progress.append(len(seen))
    # on a busy machine no kill may have come after the start
    known = "killed" in open_ledger().names()
    command = [*COMMAND, *(RESUME if known else NEW)]
    last = subprocess.run(command, capture_output=True, text=True)
    assert last.returncode == 0, last.stderr
    now = finished(open_ledger().open("killed"))
    assert seen.items() <= now.items()
    assert len(now) == BUDGET
    assert len({digest for _, _, digest in now.values()}) == BUDGET
    print(f"finished trials after each kill: {progress}")
