"""The files of each contest, from runs that were made up."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from agent.cli.contest_options import ContestOptions
from agent.publish.contests.caffeine import FIELDS
from agent.publish.contests.contribution import Contribution, Given
from agent.publish.contests.forms import FORMS
from agent.publish.contests.page import measured_here
from agent.study.errors import UserError
from helpers.contest_script import SCRIPT, WINNER, golf_log
from tracks.base import Metric
from tracks.evaluation import Evaluation, State
from tracks.instance import drawn_instance, official_instance
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission

WON = Submission(WINNER, "submissions/winner-1/submission.py")
MQAR = get_track("mqar")
FOLDER = "records/track_3_optimization/results/20261127_winner-1"


def evaluation(steps: int, drawn_from: str = "") -> Evaluation:
    instance = drawn_instance("mqar", drawn_from) if drawn_from else official_instance("mqar")
    return Evaluation(
        instance=instance,
        state=State.COMPLETE,
        procedure=Procedure(eval_every=1),
        curve=((0, 0.01), (steps, 0.995)),
        last_train_loss=0.01,
        max_steps=400,
        eval_samples=4096,
        environment={"torch": "2.13.0", "device": "cpu"},
    )


def contribution(form: str, given: Given) -> tuple[dict[str, str], Contribution]:
    seeds = [
        (evaluation(steps, f"seed{steps}"), evaluation(steps + 200 + steps % 3, f"seed{steps}"))
        for steps in (80, 84, 85)
    ]
    added = FORMS[form].add(WON, MQAR, given)
    made = Contribution(
        WON, "adamw", "steps", evaluation(81), seeds, "2026-11-27", "a key", "mqar", added
    )
    return FORMS[form].files(made), made


def test_caffeine_gets_the_fields_of_its_harness() -> None:
    files, _ = contribution("caffeine", Given())
    assert sorted(files) == [
        f"submissions/winner-1/{name}"
        for name in (
            "README.md",
            *(f"logs/seed_{i}.txt" for i in range(3)),
            "results/official.json",
            *(f"results/seed_{i}.json" for i in range(3)),
            "submission.py",
        )
    ]
    result = json.loads(files["submissions/winner-1/results/official.json"])
    assert tuple(result) == FIELDS
    assert (result["status"], result["steps"], result["target_accuracy"]) == ("pass", 81, 0.99)
    page = files["submissions/winner-1/README.md"]
    assert "paired t = " in page
    again = "autoresearch eval --track mqar --submission submission.py --eval-every 1"
    assert f"\n{again} --instance seed80\n" in page, "as its runs were measured: exact"
    with pytest.raises(UserError, match="confirmed on tiny_lm; caffeine has random_teacher"):
        FORMS["caffeine"].add(WON, get_track("tiny_lm"), Given())
    with pytest.raises(UserError, match="--script: a contribution to caffeine has none"):
        FORMS["caffeine"].add(WON, MQAR, Given(script=Path("x.py")))


def test_a_negated_metric_is_named_over_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    _, made = contribution("caffeine", Given())
    for metric, unit in (
        (Metric("psnr_db", higher_is_better=True), "negative psnr db"),
        (Metric("mse", log=True), "log10 MSE"),
    ):
        monkeypatch.setattr(MQAR, "metric", metric)
        heading = measured_here(replace(made, objective="final"), "a test")[0]
        assert heading == f"## On mqar, by seed ({unit}, lower is better)"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train_gpt_simple.py"
    path.write_text(SCRIPT)
    return path


def test_track3_gets_a_script_that_was_not_run(script: Path) -> None:
    files, made = contribution("track3", Given(script=script, groups="matrices"))
    assert sorted(files) == [
        f"{FOLDER}/{name}"
        for name in (
            "README.md",
            *(f"on_mqar/seed_{i}.txt" for i in range(3)),
            "train_gpt_simple_winner-1.py",
        )
    ]
    page = files[f"{FOLDER}/README.md"]
    assert "The script has not been run" in page
    assert "| below 3.28 with significance | not run yet |" in page
    assert f"autoresearch import {FOLDER} --track mqar" in page
    code, _, rest = files[f"{FOLDER}/on_mqar/seed_0.txt"].partition("=" * 100)
    assert code.strip() == WINNER.strip()
    assert "step:80/400 accuracy:0.995" in rest
    assert "-class Signs(torch.optim.Optimizer):" in made.added.diff


def test_track3_gets_the_runs_of_the_exported_script(script: Path, tmp_path: Path) -> None:
    files, _ = contribution("track3", Given(script=script))
    exported = tmp_path / "exported.py"
    exported.write_text(files[f"{FOLDER}/train_gpt_simple_winner-1.py"].replace("= 1\n", "= 9\n"))
    log = tmp_path / "1-2.txt"
    log.write_text(f"{exported.read_text()}\n{'=' * 100}\nstep:9/9 val_loss:3.27500\n")
    with pytest.raises(UserError, match="its code is not the script with winner-1 in it"):
        contribution("track3", Given(script=script, logs=[log]))
    files, made = contribution("track3", Given(script=exported, logs=[log]))
    assert files[f"{FOLDER}/1-2.txt"] == log.read_text()
    assert made.added.diff == ""
    page = files[f"{FOLDER}/README.md"]
    assert "**9 steps**: mean 3.27500 (n=1)." in page
    assert "= 0.00500 >= 0.004`: the rule holds" in page
    other = replace(WON, source=WON.source.replace("0.5", "0.6"))
    with pytest.raises(UserError, match="it holds winner-1 already, which is not winner-1 as it"):
        FORMS["track3"].add(other, MQAR, Given(script=exported))
    exported.write_text(exported.read_text().replace("    return Submission\n", ""))
    with pytest.raises(UserError, match="no whole submission inside; give the script"):
        FORMS["track3"].add(WON, MQAR, Given(script=exported))


def test_track3_counts_every_run_once(script: Path, tmp_path: Path) -> None:
    code = FORMS["track3"].add(WON, MQAR, Given(script=script)).script
    logs = [tmp_path / name for name in ("a.txt", "b.txt", "again/a.txt")]
    (tmp_path / "again").mkdir()
    for log, loss in zip(logs, ("3.27850", "3.27850", "3.27860"), strict=True):
        log.write_text(f"{code}\n{'=' * 100}\nstep:9/9 val_loss:{loss}\n")
    for given, reason in (
        ([logs[0]] * 8, r"a\.txt: the same as .*a\.txt; expected a log a run, each once"),
        (logs[:2], r"b\.txt: the same as .*a\.txt"),
        ([logs[0], logs[2]], r"a\.txt: the folder has a file of that name already; rename"),
    ):
        with pytest.raises(UserError, match=reason):
            FORMS["track3"].add(WON, MQAR, Given(script=script, logs=given))
    assert len(FORMS["track3"].add(WON, MQAR, Given(script=script, logs=logs[1:])).logs) == 2


def test_track3_knows_a_winner_with_any_blank_lines(script: Path) -> None:
    odd = Submission(WINNER.replace("\n\n", "\n  \n").rstrip(), WON.path)
    form = FORMS["track3"]
    script.write_text(form.add(odd, MQAR, Given(script=script)).script)
    assert form.add(odd, MQAR, Given(script=script)).diff == ""
    script.write_text(script.read_text().replace("    return Submission\n", ""))
    with pytest.raises(UserError, match="no whole submission inside; give the script as it was"):
        form.add(odd, MQAR, Given(script=script))


def test_track3_needs_its_script(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--to track3 needs --script FILE"):
        FORMS["track3"].add(WON, MQAR, Given())
    with pytest.raises(UserError, match="No such file or directory; expected train_gpt_simple"):
        FORMS["track3"].add(WON, MQAR, Given(script=tmp_path / "none.py"))


def golf_record(given: Given) -> tuple[str, dict[str, Any], str]:
    files, _ = contribution("parameter-golf", given)
    (path,) = (path for path in files if path.endswith("submission.json"))
    folder = path.removesuffix("/submission.json")
    return folder, json.loads(files[path]), files[f"{folder}/README.md"]


def test_parameter_golf_before_a_run_has_no_result() -> None:
    folder, record, page = golf_record(Given())
    assert folder == "records/track_non_record_16mb/2026-11-27_winner-1"
    assert (record["val_bpb"], record["seeds"], record["track"]) == (None, [], "non_record_16mb")
    assert record["confirmed_on"]["values"] == [80, 84, 85]
    assert "| training of at most 600 s | not run yet |" in page


def test_parameter_golf_gets_a_table_by_seed(script: Path, tmp_path: Path) -> None:
    """The losses and the test are those of the contest's AutoResearch entry."""
    losses = {1337: 1.16356083, 1338: 1.16275343, 1339: 1.16337225}
    logs = [golf_log(tmp_path / f"{seed}.txt", seed, loss) for seed, loss in losses.items()]
    given = Given(script, logs=logs, best=1.2244, author="A. Tester", github_id="tester")
    folder, record, page = golf_record(given)
    assert folder == "records/track_10min_16mb/2026-11-27_winner-1"
    assert record["author"] == "A. Tester"
    assert record["val_loss"] == pytest.approx(1.16322884)
    assert record["val_loss_std"] == pytest.approx(0.00042, abs=1e-5)
    assert record["seed_results"]["1338"]["val_loss"] == 1.16275343
    assert record["bytes_total"] == 15863489
    assert "| 1339 | 20 | 1.16337225 | 1.22436570 | 15,863,489 |" in page
    assert "t = 230.34" in page
    assert "for SEED in 1337 1338 1339; do" in page
    files, _ = contribution("parameter-golf", given)
    assert files[f"{folder}/train_gpt.py"] == SCRIPT
    assert files[f"{folder}/train_seed1337.log"] == logs[0].read_text()
    folder, _, page = golf_record(replace(given, best=1.168))
    assert folder.startswith("records/track_non_record_16mb/")
    with pytest.raises(UserError, match="expected a log a run, each once"):
        golf_record(replace(given, logs=[logs[0], logs[0]]))
    same_seed = tmp_path / "same_seed.txt"
    same_seed.write_text(logs[0].read_text().replace("400ms", "401ms"))
    with pytest.raises(UserError, match="two logs are of one seed"):
        golf_record(replace(given, logs=[logs[0], same_seed]))
    with pytest.raises(UserError, match="--log needs --script FILE"):
        golf_record(replace(given, script=None))


def test_options_name_every_form_and_kind_of_parameters() -> None:
    from agent.cli.export import export
    from tracks.track3_groups import Groups

    assert set(get_args(export.__annotations__["to"])) == set(FORMS)
    assert get_args(ContestOptions.__annotations__["parameters"]) == get_args(Groups)
