"""What stages cost: time by the clock, of the CPU in all processes and of the GPU, by stage."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.study.ledger import Ledger
from agent.study.settings import Settings, Stage
from agent.study.stages import Stages, costs_of, cpu_s
from agent.study.workspace import Workspace
from helpers.views import Recorder

BURN = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"


@pytest.mark.processes
def test_children_count_while_they_live_and_after() -> None:
    before = cpu_s()
    child = subprocess.Popen(
        [sys.executable, "-c", BURN + "print(flush=True)\ninput()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.readline()
    alive = cpu_s()
    child.communicate(b"\n")
    assert alive - before >= 0.25
    assert cpu_s() >= alive - 0.02, "its time is not lost when it ends"


def test_costs_are_kept_by_stage_and_add_up(workspace_folder: Path) -> None:
    settings = Settings("mqar", "steps", 1, 0, 3, "small")
    study = Ledger(Workspace(workspace_folder)).create("costs", settings)
    gpu = iter([0.0, 0.0, 2.0, 5.0])
    stages = Stages(study, Recorder(), lambda: next(gpu))
    with study.leading():
        for stage in (Stage.SEARCH, Stage.CONFIRM, Stage.DONE):
            stages.enter(stage)
    assert study.stage is Stage.DONE
    assert {stage: cost.gpu_s for stage, cost in costs_of(study).items()} == {
        Stage.SEARCH: 2.0,
        Stage.CONFIRM: 3.0,
    }
    resumed = iter([0.0, 0.0, 1.5, 1.5])
    stages = Stages(study, Recorder(), lambda: next(resumed))
    stages.enter(Stage.SEARCH)
    stages.keep()
    assert costs_of(study)[Stage.SEARCH].gpu_s == 3.5
    began = costs_of(study)[Stage.SEARCH].wall_s
    time.sleep(0.05)
    stages.keep()
    assert costs_of(study)[Stage.SEARCH].wall_s >= began + 0.05
    assert study.stage is Stage.DONE, "only the process that holds the study says how far it is"
