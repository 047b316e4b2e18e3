"""The main job: search, confirm, ablate, publish, report. Every stage can be taken up again."""

import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from agent.knowledge.leaderboard import incumbent
from agent.knowledge.tried import parts_in
from agent.proposers.gates.fingerprint import closest_known
from agent.proposers.gates.known import known_submissions
from agent.publish.evidence import WINNER_FILES, Winner, winner_files
from agent.publish.git import Publication, commit_files
from agent.report.data import report_data
from agent.report.html import study_page
from agent.report.markdown import study_report
from agent.report.tables import sentence
from agent.search.loop import Sources, search
from agent.study.executor import Executor
from agent.study.ledger import Ledger
from agent.study.progress import View
from agent.study.records import FinishedTrial, Origin
from agent.study.settings import Settings, Stage
from agent.study.study import Study
from agent.study.workspace import Workspace, write_text
from agent.verdict.ablation import ablate
from agent.verdict.alpha import alpha_of
from agent.verdict.baselines import against_baselines, tuned_baselines
from agent.verdict.comparison_keys import ComparisonKeys, Keys
from agent.verdict.decide import confirm
from agent.verdict.interactions import interactions
from agent.verdict.official import OfficialRuns
from agent.verdict.removable import Parts, part_name, parts_of
from search_space.spec import make_spec
from tracks.registry import get_track
from tracks.result_file import result_record
from tracks.submission import Submission, read_submission

STAGE_RECORDS = (
    "verdict", "incumbent", "ablation", "baselines", "likeness", "winner", "publication"
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What does not change the search: it can be given anew when a study is resumed."""

    max_time_s: float | None = None
    ablation: bool = True
    commit: bool = True
    name: str | None = None
    margin: float | None = None
    keys: Keys | None = None
    """Of comparisons; drawn where there are none."""


def run_study(
    workspace: Workspace,
    ledger: Study,
    executor: Executor,
    view: View,
    options: Options,
    sources: Sources = Sources(),  # noqa: B008
) -> dict[str, Any]:
    """Take the study from wherever it stands to its end; returns the report's data.

    Stages that were finished before are gone through again, but their evaluations come from the
    store, so they cost nothing and give the same.
    """
    _enter(ledger, view, Stage.SEARCH)
    judge = _Judge(workspace, ledger, executor, view, options)
    if not ledger.settings.tuned and executor.jobs > 1:
        # needed when the search has ended, when it would run alone
        judge.begin_incumbent()
    search(ledger, executor, view, options.max_time_s, sources)
    best = ledger.best()
    if best and not ledger.settings.tuned:
        judge.judge(best)
    _enter(ledger, view, Stage.DONE)
    data = report_data(ledger, Ledger(workspace).all())
    write_text(ledger.folder / "report.md", study_report(data))
    write_text(ledger.folder / "report.html", study_page(data))
    return data


def _enter(ledger: Study, view: View, stage: Stage) -> None:
    ledger.set_stage(stage)
    view.stage(stage)


@dataclass(frozen=True)
class _Judge:
    """What becomes of the best trial: confirmed, ablated, simplified, published."""

    workspace: Workspace
    ledger: Study
    executor: Executor
    view: View
    options: Options

    @property
    def settings(self) -> Settings:
        return self.ledger.settings

    @property
    def keys(self) -> Keys:
        return self.options.keys or ComparisonKeys(self.ledger)

    @property
    def official(self) -> OfficialRuns:
        return OfficialRuns(self.settings, self.executor, self.view)

    def judge(self, best: FinishedTrial) -> None:
        ledger = self.ledger
        proposal = best.proposal
        challenger = read_submission(ledger.trial_folder(best.number))
        if self._published(challenger):
            return
        self._keep_acceptance(best.number)
        for stage in STAGE_RECORDS:
            (ledger.folder / f"{stage}.json").unlink(missing_ok=True)
        _enter(ledger, self.view, Stage.CONFIRM)
        name = self._name(proposal.label, challenger)
        spec = make_spec(proposal.spec) if proposal.spec else None
        parts = parts_of(challenger, spec)
        ablated = self.options.ablation and bool(parts.listed())
        if not ablated:
            self.official.exact(challenger)
        verdict = self._confirm(name, challenger) | {"trial": best.number, "taken_out": []}
        ledger.write("verdict", verdict)
        if not verdict["accepted"]:
            return
        winner = Winner(name, challenger, spec, verdict)
        if ablated:
            _enter(ledger, self.view, Stage.ABLATE)
            # what was sampled is called after its parts, of which some may be gone
            label = None if proposal.origin is Origin.SAMPLED else proposal.label
            winner = self._ablated(winner, parts, label)
            ledger.write("ablation", winner.ablation)
        verdict = self.official.publishable(winner.verdict, winner.submission)
        winner = replace(winner, verdict=verdict)
        ledger.write("verdict", verdict)
        if not verdict["accepted"]:
            return
        _enter(ledger, self.view, Stage.COMPARE)
        winner = replace(
            winner,
            baselines=self._compare(winner.name, winner.submission),
            closest=self._closest(winner.submission),
        )
        ledger.write("likeness", {"closest": winner.closest})
        _enter(ledger, self.view, Stage.PUBLISH)
        publication = self._publish(best, winner)
        files = str(ledger.folder / "winner" / winner.name)
        kept = {"name": winner.name, "files": files, "trial_digest": challenger.digest}
        ledger.write("publication", asdict(publication) | kept)
        where = f"committed to branch {publication.branch}; " if publication.commit else ""
        self.view.note(where + publication.note.replace("`", ""))

    def _closest(self, submission: Submission) -> dict[str, Any] | None:
        """Which known optimizer the winner is most like, by its updates."""
        self.view.note("comparing its updates with those of known optimizers")
        known = known_submissions(self.workspace)
        alike = closest_known(self.executor, submission, known)
        return alike.to_json() if alike else None

    def _compare(self, name: str, submission: Submission) -> list[dict[str, Any]]:
        """The winner against the baselines that were tuned by now, if any."""
        opponents = tuned_baselines(Ledger(self.workspace), self.settings)
        winner = (name, submission)
        rows = against_baselines(
            self.settings, self.keys, self.executor, self.view, winner, opponents
        )
        self.ledger.write("baselines", {"rows": rows})
        return rows

    def _published(self, challenger: Submission) -> bool:
        """Whether this very trial was accepted before; what is left to do then is done."""
        ledger, before = self.ledger, self.ledger.read("publication")
        accepted = ledger.read("verdict")
        if not (before and accepted and accepted["accepted"]):
            return False
        if before.get("trial_digest", accepted["challenger_digest"]) != challenger.digest:
            return False
        folder = ledger.folder / "winner" / before["name"]
        if not all((folder / name).is_file() for name in WINNER_FILES):
            return False
        self.view.note("the best trial has been accepted and published before")
        self._compare(before["name"], read_submission(folder))
        if self.options.commit and not before["commit"]:
            files = {name: (folder / name).read_bytes().decode() for name in WINNER_FILES}
            publication = self._commit(before["name"], accepted["reason"], files)
            ledger.write("publication", before | asdict(publication))
        return True

    def _keep_acceptance(self, number: int) -> None:
        """What was accepted stays known when another trial is judged in its place."""
        before = self.ledger.read("verdict")
        if before and before["accepted"] and before.get("trial") != number:
            earlier = self.ledger.earlier_verdicts()
            # a kill right after this line must not make it two
            if before not in earlier:
                self.ledger.write("earlier", {"verdicts": [*earlier, before]})

    def _name(self, label: str, submission: Submission) -> str:
        short = submission.digest[:6]
        if not self.options.name:
            return re.sub(r"[^A-Za-z0-9+-]+", "-", f"{self.settings.track}-{label}-{short}")
        # the name may be that of an earlier winner, which nothing may take the place of
        for folder in (self.workspace.submissions, self.ledger.folder / "winner"):
            file = folder / self.options.name / "submission.py"
            if file.exists() and read_submission(file).digest != submission.digest:
                return f"{self.options.name}-{short}"
        return self.options.name

    def begin_incumbent(self) -> None:
        """Run the present incumbent on the official instance, beside what else is run."""
        settings = self.settings
        found = incumbent(self.workspace, settings.track, settings.objective, settings.scale)
        self.official.compared(found[1])

    def _confirm(self, name: str, challenger: Submission) -> dict[str, Any]:
        settings, view = self.settings, self.view
        opponent = incumbent(self.workspace, settings.track, settings.objective, settings.scale)
        alpha = alpha_of(self.ledger)
        both = ((name, challenger), opponent)
        verdict = confirm(settings, alpha, self.keys, self.executor, view, *both)
        measured = self.official.compared(opponent[1]).result()
        self.ledger.write("incumbent", {"name": opponent[0], "curve": measured.curve})
        view.note(("accepted: " if verdict["accepted"] else "refused: ") + verdict["reason"])
        return verdict | {"date": datetime.now(UTC).isoformat(timespec="seconds")}

    def _ablated(self, winner: Winner, parts: Parts, label: str | None) -> Winner:
        """The winner with its ablation, or the simpler optimizer that came of it and is as good."""
        settings, executor, view = self.settings, self.executor, self.view
        against = winner.verdict["incumbent_digest"]
        won = winner.verdict["test"]["mean"]
        # what it is compared with here is made of it by our own code
        key, margin = winner.verdict["key"], self.options.margin
        ablation = ablate(settings, executor, view, parts, key, margin, against, won)
        simplified = ablation["simplified"]
        taken = simplified["parts"] if simplified else ()
        scale = get_track(settings.track).scales[settings.scale]
        smaller, spec = parts.without(taken, scale.max_steps), parts.spec_without(taken)
        # an exact run takes long, and goes on beside the pairs and the second verdict
        self.official.exact(smaller if simplified else winner.submission)
        pairs = interactions(settings, executor, view, parts, key, ablation["rows"])
        ablation["interactions"] = pairs
        if not simplified:
            return replace(winner, ablation=ablation)
        what = ", ".join(part_name(ablation["rows"][index]) for index in taken)
        view.note(f"it does as well without {what}: confirming the simpler optimizer")
        name = self._name(label or (spec.label if spec else winner.name), smaller)
        gone = [part_name(ablation["rows"][index]) for index in taken]
        if spec and winner.spec:
            gone = sorted(parts_in(winner.spec) - parts_in(spec))
        verdict = self.official.publishable(self._confirm(name, smaller), smaller)
        verdict |= {"trial": winner.verdict["trial"], "taken_out": gone}
        simplified |= {"name": name, "verdict": verdict}
        if not verdict["accepted"]:
            return replace(winner, ablation=ablation)
        verdict = verdict | {"before_simplifying": winner.verdict}
        return Winner(name, smaller, spec, verdict, ablation)

    def _publish(self, best: FinishedTrial, winner: Winner) -> Publication:
        """Write the winner's files beside the study, and commit them if that was asked."""
        ledger, settings = self.ledger, self.settings
        measured = self.official.exact(winner.submission).result()
        ledger.write("winner", {"name": winner.name, "curve": measured.curve})
        path = f"{winner.folder}/submission.py"
        official = result_record(measured, winner.name, path, settings.objective)
        files = winner_files(ledger, best, winner, official)
        for file, text in files.items():
            write_text(ledger.folder / "winner" / winner.name / file, text)
        if not self.options.commit:
            return Publication(winner.folder, note="not committed, as asked")
        return self._commit(winner.name, winner.verdict["reason"], files)

    def _commit(self, name: str, reason: str, files: dict[str, str]) -> Publication:
        message = f"Add {name} for {self.settings.track}\n\n{sentence(reason)}\n"
        branch, folder = f"autoresearch/{self.ledger.name}", f"submissions/{name}"
        publication = commit_files(self.workspace, branch, folder, files, message)
        if publication.commit:
            hint = f"`git merge {publication.branch}` adopts it."
            notes = [publication.note, hint] if publication.note else [hint]
            publication = replace(publication, note="; ".join(notes))
        return publication
