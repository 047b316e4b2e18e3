"""The main job: search, confirm, ablate, publish, report. Every stage can be taken up again."""

import json
import sys
from dataclasses import asdict, dataclass, replace
from typing import Any

from optuna.trial import FrozenTrial

from agent.ablation import ablate
from agent.executor import Executor
from agent.leaderboard import incumbent
from agent.ledger import SCHEMA_VERSION, Stage, StudyLedger
from agent.progress import View
from agent.publish import Publication, commit_files, tool_version
from agent.report.data import report_data
from agent.report.markdown import study_report, winner_readme
from agent.study import search
from agent.verdict import confirm
from agent.workspace import Workspace, write_text
from search_space.spec import make_spec
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.procedure import official_procedure
from tracks.registry import get_track
from tracks.result_file import result_record
from tracks.submission import Submission, read_submission


@dataclass(frozen=True)
class Options:
    """What does not change the search: it can be given anew when a study is resumed."""

    max_time_s: float | None = None
    ablation: bool = True
    commit: bool = True
    name: str | None = None


def run_study(
    workspace: Workspace, ledger: StudyLedger, executor: Executor, view: View, options: Options
) -> dict[str, Any]:
    """Take the study from wherever it stands to its end; returns the report's data.

    Stages that were finished before are gone through again, but their evaluations come from the
    store, so they cost nothing and give the same.
    """
    ledger.set_stage(Stage.SEARCH)
    search(ledger, executor, view, options.max_time_s)
    best = ledger.best()
    if best:
        _judge(workspace, ledger, executor, view, options, best)
    ledger.set_stage(Stage.DONE)
    data = report_data(ledger)
    write_text(ledger.folder / "report.md", study_report(data))
    return data


def _judge(
    workspace: Workspace,
    ledger: StudyLedger,
    executor: Executor,
    view: View,
    options: Options,
    best: FrozenTrial,
) -> None:
    settings = ledger.settings
    proposal = best.user_attrs["proposal"]
    challenger = read_submission(ledger.trial_folder(best.number))
    label = f"{settings.track}-{proposal['label']}-{proposal['digest'][:6]}"
    name = options.name or label.replace("_", "-")
    if _published(ledger, challenger):
        view.note("the best trial has its verdict and is committed: nothing left to do")
        return
    for stage in ("verdict", "ablation", "publication"):
        (ledger.folder / f"{stage}.json").unlink(missing_ok=True)
    ledger.set_stage(Stage.CONFIRM)
    opponent = incumbent(workspace, settings.track, settings.objective)
    verdict = confirm(settings, ledger.alpha(), executor, view, (name, challenger), opponent)
    ledger.write("verdict", verdict)
    view.note(("accepted: " if verdict["accepted"] else "refused: ") + verdict["reason"])
    if not verdict["accepted"]:
        return
    ablation = None
    if options.ablation and proposal["spec"]:
        ledger.set_stage(Stage.ABLATE)
        ablation = ablate(settings, executor, view, make_spec(proposal["spec"]))
        ledger.write("ablation", ablation)
    ledger.set_stage(Stage.PUBLISH)
    official = _official(ledger, executor, challenger)
    result = result_record(official, name, f"submissions/{name}/submission.py", settings.objective)
    evidence = _evidence(ledger, best, result, verdict, ablation)
    publication = _publish(workspace, ledger, name, challenger, evidence, options)
    ledger.write("publication", asdict(publication) | {"name": name, "files": _files(ledger, name)})
    where = f"committed to branch {publication.branch}; " if publication.commit else ""
    view.note(where + publication.note.replace("`", ""))


def _published(ledger: StudyLedger, challenger: Submission) -> bool:
    """Whether this very challenger was accepted and committed; its record is then kept."""
    verdict, publication = ledger.read("verdict"), ledger.read("publication")
    if not (verdict and publication and publication["commit"]):
        return False
    accepted: bool = verdict["accepted"]
    return accepted and verdict["challenger_digest"] == challenger.digest


def _official(ledger: StudyLedger, executor: Executor, challenger: Submission) -> Evaluation:
    settings = ledger.settings
    procedure = official_procedure(get_track(settings.track), settings.objective)
    instance = official_instance(settings.track, settings.scale)
    return executor.submit(challenger, instance, procedure).result()


def _evidence(
    ledger: StudyLedger,
    best: FrozenTrial,
    official: dict[str, Any],
    verdict: dict[str, Any],
    ablation: dict[str, Any] | None,
) -> dict[str, Any]:
    trials = [
        {"trial": trial.number, **trial.user_attrs["proposal"], **trial.user_attrs["outcome"]}
        for trial in ledger.finished()
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "study": {"name": ledger.name, **asdict(ledger.settings)},
        "trial": best.number,
        "origin": best.user_attrs["proposal"]["origin"],
        "spec": best.user_attrs["proposal"]["spec"],
        "official": official,
        "verdict": verdict,
        "ablation": ablation,
        "trials": trials,
        "tool": tool_version(),
        "python": sys.version.split()[0],
    }


def _publish(
    workspace: Workspace,
    ledger: StudyLedger,
    name: str,
    challenger: Submission,
    evidence: dict[str, Any],
    options: Options,
) -> Publication:
    """Write the four files of a winner beside the study, and commit them if that was asked."""
    track = ledger.settings.track
    files = {
        "submission.py": challenger.source,
        "README.md": winner_readme(name, evidence),
        "result.json": _text(
            {"schema_version": SCHEMA_VERSION, "tracks": {track: evidence["official"]}}
        ),
        "evidence.json": _text(evidence),
    }
    for file, text in files.items():
        write_text(ledger.folder / "winner" / name / file, text)
    folder = f"submissions/{name}"
    if not options.commit:
        return Publication(folder, note="not committed, as asked")
    verdict = evidence["verdict"]
    message = f"Add {name} for {track}\n\n{verdict['reason'].capitalize()}.\n"
    publication = commit_files(workspace, f"autoresearch/{ledger.name}", folder, files, message)
    if publication.commit and not publication.note:
        hint = f"`git merge {publication.branch}` adopts it."
        publication = replace(publication, note=hint)
    return publication


def _files(ledger: StudyLedger, name: str) -> str:
    return str(ledger.folder / "winner" / name)


def _text(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"
