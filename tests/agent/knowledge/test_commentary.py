"""What a commentary says of a community: lineage, adoption, records, submissions of others."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.cli.renewed import Renewed
from agent.knowledge.glossary import glossary
from agent.knowledge.ideas import Asked, Ideas, ideas
from agent.knowledge.leaderboard import entries
from agent.knowledge.lessons import most
from agent.knowledge.published import published
from agent.knowledge.tried import Tried, parts_in
from agent.knowledge.untried import Candidate, trials_with
from agent.knowledge.worth import worth_of_parts
from agent.report.html import page
from agent.report.markdown import markdown
from agent.report.section import Document, Section
from agent.report.sections.ideas import ideas_document
from agent.study.ledger import Ledger
from agent.study.records import Hypothesis, Origin
from agent.study.workspace import Workspace
from agent.verdict.ablation_record import Ablation, AblationRow, Finding
from agent.verdict.chaos_record import Chaos, Result, keep
from helpers import Call
from helpers.made_up import add_trial, compared, made_up_study
from search_space.spec import Spec, make_spec
from tracks.registry import get_track
from tracks.submission import read_submission

HOSTILE = (
    "`</td><script>alert(1)</script>` [x](http://192.0.2.1) see @root, #7 and www.example.org "
    + "long " * 400
)
ADAM = {"direction": {"part": "adam"}, "momentum": {"part": "ema"}}


def spec(**choices: Any) -> Spec:
    return make_spec(ADAM | choices)


def put(
    name: str,
    result: dict[str, Any],
    code: str = "class Submission: ...\n",
    date: Any = "2001-01-01",
) -> Path:
    """A submission of the workspace with an official result on mqar."""
    folder = Path("submissions") / name
    folder.mkdir(parents=True)
    (folder / "submission.py").write_text(code)
    track = {"track": "mqar", "scale": "full", "state": "complete", "drawn_from": None,
             "max_steps": 400, "final_eval_accuracy": 0.9, "eval_every": 1,
             "steps_to_target": 85, "date_utc": date}  # fmt: skip
    (folder / "result.json").write_text(json.dumps({"tracks": {"mqar": track}, **result}))
    return folder


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of `community`, made once."""
    folder = tmp_path_factory.mktemp("community")
    ledger = Ledger(Workspace(folder))
    ours, theirs = made_up_study(ledger, "ours"), made_up_study(ledger, "theirs")
    add_trial(ours, spec(), 100, origin=Origin.RECIPE, label="adam")
    add_trial(
        ours,
        spec(decay={"part": "decoupled"}, momentum={"part": "nesterov"}),
        80,
        origin=Origin.LLM,
        model="a-model",
        label="faster",
        hypothesis=Hypothesis("look ahead", "10% fewer steps", "high", (0,)),
    )
    why = Hypothesis(HOSTILE, parents=(1,))
    add_trial(ours, None, 90, origin=Origin.AGENT, label=HOSTILE, hypothesis=why)
    add_trial(theirs, spec(momentum={"part": "nesterov"}), 75)
    pairs = [80.0, 81.0, 82.0], [100.0, 100.0, 103.0]
    compared(*pairs, challenger="faster-1", trial=1).keep(ours)
    return folder / "runs"


@pytest.fixture
def community(kept: Path, workspace_folder: Path) -> Ledger:
    """Two studies of one track, and a submission of somebody else."""
    shutil.copytree(kept, "runs")
    code = "# Nesterov momentum\nclass Submission: ...\n"
    put("foreign", {"imported_from": f"x.py of {HOSTILE}"}, code)
    return Ledger(Workspace(workspace_folder))


def gathered(ledger: Ledger) -> Ideas:
    track = get_track("mqar")
    found = published(Workspace(Path.cwd()), "mqar", "steps", "full")
    return ideas(ledger.all(), Asked(track, "steps"), published=found)


def test_lineage_says_what_was_taken_from_where_and_whether_it_helped(community: Ledger) -> None:
    helped, did_not = gathered(community).lineage
    assert (helped.trial, helped.by, helped.improved) == ("ours/1 (faster)", "a-model", True)
    assert [(one.parent, one.parts) for one in helped.taken] == [
        ("ours/0 (adam)", ("direction adam",))
    ]
    assert helped.new == ("decay decoupled", "momentum nesterov")
    assert helped.lost == ("momentum ema",)
    assert helped.before.startswith("target at step 100")
    assert did_not.improved is False, "90 steps after 80"
    assert did_not.taken[0].parts == ()


def test_adoption_names_who_was_first_and_who_followed(community: Ledger) -> None:
    row = {row.part: row for row in gathered(community).adoption}["momentum nesterov"]
    assert row.first
    assert (row.first.trial, row.first.by) == ("ours/1 (faster)", "a-model")
    assert [(use.study, use.by) for use in row.adopters] == [("theirs", "sampled")]
    assert (row.winners, row.of, row.names, row.trials) == (1, 1, ("faster-1",), 2)
    assert row.named == ("foreign",)


def test_records_say_by_how_much_and_what_was_added(community: Ledger) -> None:
    found = gathered(community)
    assert [(one.name, one.score) for one in found.evaluations] == [
        ("foreign", 85.0),
        ("ours/1 (faster)", 80.0),
        ("theirs/0 (it)", 75.0),
    ]
    last = found.evaluations[-1]
    assert (last.before, last.gain, last.added, last.dropped) == (
        "ours/1 (faster)", 5.0, (), ("decay decoupled",)
    )  # fmt: skip
    assert found.evaluations[1].added is None, "the parts of code are not known"
    (record,) = found.records
    assert record.name not in [one.name for one in found.evaluations], "its trial was as good"
    assert record.advantage
    assert record.advantage.interval[0] > 0
    assert record.advantage.instances == 3


def test_submissions_of_others_stand_beside_the_studies(community: Ledger) -> None:
    found = {entry.name: entry for entry in gathered(community).leaderboard}
    assert found["faster-1"].standing == "confirmed"
    assert found["foreign"].standing == "pending"
    assert found["foreign"].reason.startswith("imported: x.py of ")
    assert found["foreign"].interval is None
    digests = read_submission(Path("submissions/foreign")).digest, found["faster-1"].judged
    results = (Result(0.9, 85), Result(0.9, 84), Result(0.9, 88))
    for digest in digests:
        about = digest or "", "mqar", "full", 1, results, "cpu", "2", "2026-01-01"
        keep(Workspace(Path.cwd()), Chaos("it", *about))
    again = {entry.name: entry for entry in gathered(community).leaderboard}
    for name in ("foreign", "faster-1"):
        assert (str(again[name].interval), again[name].runs) == ("84 to 88", 3)


def test_dates_of_others_are_read_or_left_out(community: Ledger) -> None:
    dates = {"zone": "2002-01-01T01:30:00+01:00", "word": "soon", "number": 3, "none": None}
    for name, date in dates.items():
        put(name, {}, f"class Submission: ...  # {name}\n", date)
    found = {entry.name: entry.date for entry in gathered(community).leaderboard}
    assert found["foreign"] == "2001-01-01T00:00:00+00:00"
    assert found["zone"] == "2002-01-01T00:30:00+00:00"
    assert {found[name] for name in ("word", "number", "none")} == {None}


def test_a_winner_of_elsewhere_is_confirmed_by_its_evidence(community: Ledger) -> None:
    won = compared([60.0, 61.0, 62.0], [80.0, 80.0, 80.0], challenger="won", trial=7)
    evidence = {"verdict": won.to_json(), "origin": "llm", "spec": spec().to_json(),
                "study": {"name": "far-1"}}  # fmt: skip
    folder = put("won", {})
    evidence["verdict"]["challenger_digest"] = read_submission(folder).digest
    (folder / "evidence.json").write_text(json.dumps(evidence))
    first = gathered(community).leaderboard[0]
    assert (first.name, first.standing, first.study) == ("won", "confirmed", "far-1")
    assert "direction adam" in first.parts
    for changed, said in (("scale", "scale small"), ("challenger_digest", "of another file")):
        other = evidence["verdict"] | {changed: "small"}
        (folder / "evidence.json").write_text(json.dumps(evidence | {"verdict": other}))
        entry = {entry.name: entry for entry in gathered(community).leaderboard}["won"]
        assert entry.standing == "pending"
        assert said in entry.reason


def test_refused_ones_say_why_and_by_how_much(community: Ledger) -> None:
    pairs = [75.0, 76.0, 77.0], [70.0, 70.0, 71.0]
    about = {"challenger": "slower", "trial": 0, "accepted": False, "reason": "not better"}
    compared(*pairs, **about).keep(community.open("theirs"))
    last = gathered(community).leaderboard[-1]
    assert (last.name, last.standing) == ("slower", "refused")
    row = next(line for line in markdown(ideas_document(gathered(community))).splitlines()
               if line.startswith("| slower"))  # fmt: skip
    assert "not better: -5.67 steps [" in row
    assert "3 held-out instances" in row


def test_the_leaderboard_says_where_a_winner_was_confirmed(call: Call) -> None:
    evidence = put("won", {}) / "evidence.json"
    for track, standing in (("mqar", "confirmed"), ("single_ar", "confirmed elsewhere")):
        digest = read_submission(evidence.parent).digest
        verdict = {"track": track, "challenger_digest": digest}
        evidence.write_text(json.dumps({"verdict": verdict}))
        (entry,) = entries(Workspace(Path.cwd()), "mqar", "steps")
        assert entry.standing == standing
    assert "a verdict compares with adamw" in call("leaderboard", "--track", "tiny_lm")[1]


def test_evidence_that_cannot_be_read_is_one_line(call: Call) -> None:
    (put("won", {}) / "evidence.json").write_text("{}")
    status, out, error = call("ideas", "--track", "mqar")
    assert (status, out) == (2, "")
    assert error.count("\n") == 1
    assert "not a winner's evidence" in error


def test_foreign_text_is_cut_and_escaped(community: Ledger) -> None:
    document = ideas_document(gathered(community))
    shown, text = page(document), markdown(document)
    assert "<script>alert" not in shown
    assert "<script>alert" not in text
    assert "](http" not in text
    for word in ("@root,", "#7", "www.example.org"):
        assert f" `{word}` " in text
        assert f" {word} " not in text
    assert "&lt;script&gt;alert" in shown
    assert max(map(len, text.splitlines())) < 3000
    for title in ("Standings", "Changelog of records", "Adoption", "Lineage of ideas", "Glossary"):
        assert f"## {title}" in text
        assert f"<h2>{title}</h2>" in shown


def test_the_glossary_has_the_words_that_occur() -> None:
    terms = {
        one.term: one.meaning for one in glossary("one evaluation of momentum nesterov, pending")
    }
    assert list(terms) == ["pending", "one evaluation", "momentum nesterov"]
    assert "Nesterov" in terms["momentum nesterov"]
    assert list({one.term: one for one in glossary("impending, momentum nesterovs")}) == []


def test_worth_has_the_interval_of_independent_ablations() -> None:
    row = AblationRow("full", Finding.HELPFUL, 4.0, (1.0, 7.0), 3, None, None, "mask", "m", "none")
    one = Ablation("steps", 2.0, (), (), (row,))
    other = Ablation("steps", 2.0, (), (), (replace(row, delta=8.0, interval=(4.0, 12.0)),))
    found = worth_of_parts({"a": one, "b": other}, "full")["mask m"]
    assert (found.mean, found.reach) == (6.0, 2.5)
    assert found.said.startswith("+4 [1, 7] steps without it in the ablation of a (3 instances")
    assert most(3) == pytest.approx(0.7076, abs=1e-4)


def test_worth_is_of_one_part_alone_under_the_name_that_trials_give_it() -> None:
    row = AblationRow("full", Finding.HELPFUL, 4.0, (1.0, 7.0), 3, None, None, "mask", "m", "none")
    joint = replace(row, kind="phase 2 momentum", part="ema", removed_with=("mask m",))
    first, later = (replace(row, kind=f"phase {n} direction", part="sign") for n in (1, 2))
    ablation = Ablation("steps", 2.0, (), (), (row, joint, first, later))
    found = worth_of_parts({"a": ablation}, "full")
    assert set(found) == {"mask m", "direction sign", "then direction sign"}
    sign = {"direction": {"part": "sign"}}
    two = make_spec({"phases": [sign, sign | {"from": 0.5}]})
    assert parts_in(two) >= found.keys() - {"mask m"}


def test_the_ranks_of_trials_say_which_trials_they_are_of() -> None:
    adam = parts_in(make_spec({"direction": {"part": "adam"}}))
    tried = [cast(Tried, SimpleNamespace(rank=rank, parts=adam)) for rank in (0.2, 0.4)]
    changed = SimpleNamespace(
        added=frozenset({"mask cautious"}), lost=frozenset({"direction adam"})
    )
    assert trials_with(cast(Candidate, changed), tried) == [
        "+ mask cautious: mean rank 0.30 in 2 trials without it",
        "- direction adam: mean rank 0.30 in 2 trials with it",
    ]


def test_tiers_are_by_the_interval_of_the_gain_on_the_best() -> None:
    candidate = Candidate.__new__(Candidate)
    object.__setattr__(candidate, "parent", type("Named", (), {"name": "t"}))
    object.__setattr__(candidate, "spec", spec())
    object.__setattr__(candidate, "change", "c")
    gains = [(5.0, 1.0), (5.0, 6.0), (-1.0, 2.0), (-5.0, 1.0)]
    assert [candidate.idea(gain, reach, []).tier for gain, reach in gains] == [1, 2, 3, 4]
    assert candidate.idea(5.0, 1.0, [], measured=False).tier == 2, "no part is taken for granted"


def test_renewals_keep_a_diff_of_what_changed(workspace_folder: Path) -> None:
    def saying(line: str) -> Document:
        return Document("Ideas", "", [], [], [Section("one", "One", [line])])

    files = Renewed(Path("i.md"), Path("i.html"), keep_changes=True)
    assert files.renew(saying("first")) is None
    written = Path("i.html").stat().st_mtime_ns
    assert files.renew(saying("first")) is None
    assert Path("i.html").stat().st_mtime_ns == written
    assert not Path("i.md.changes").exists()
    again = Renewed(Path("i.md"), Path("i.html"), keep_changes=True)
    kept = again.renew(saying("second"))
    assert kept
    assert list(Path("i.md.changes").iterdir()) == [kept]
    assert "-first\n+second\n" in kept.read_text()
    assert "second" in Path("i.html").read_text()
    Renewed(Path("i.md"), None, keep_changes=False).renew(saying("third"))
    assert len(list(Path("i.md.changes").iterdir())) == 1, "only a watch keeps them"


def test_json_has_all_of_it(call: Call, community: Ledger) -> None:
    status, out, _ = call("ideas", "--track", "mqar", "--json")
    assert status == 0
    told = json.loads(out)
    found = gathered(community)
    assert told["schema_version"] == 1
    assert told["lineage"] == json.loads(json.dumps([asdict(step) for step in found.lineage]))
    assert [row["name"] for row in told["evaluations"]] == [one.name for one in found.evaluations]
