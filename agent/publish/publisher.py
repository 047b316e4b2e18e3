"""Publishing a winner: its files beside the study, and a commit on a branch of its own."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from agent.publish.evidence import Evidence, Winner
from agent.publish.git import Branch, commit_files
from agent.publish.winner_files import WINNER_FILES, winner_files
from agent.report.tables import sentence
from agent.study.study import Study
from agent.study.workspace import Workspace, write_text
from agent.verdict.publication import Publication, publications
from agent.verdict.removable import Parts
from agent.verdict.verdict import Verdict
from tracks.registry import get_track
from tracks.submission import Submission, read_submission


@dataclass(frozen=True)
class Publisher:
    """`commit` is False where the files shall stay beside the study."""

    workspace: Workspace
    study: Study
    commit: bool

    def name(self, label: str, submission: Submission, asked: str | None = None) -> str:
        """Of a winner: `asked`, unless another winner has that name, or one made of `label`."""
        short = submission.digest[:6]
        if not asked:
            track, what = _hyphenated(self.study.settings.track), _hyphenated(label)
            # a winner that is handed in again has such a name already
            again = re.fullmatch(f"{re.escape(track)}-(.+)-[0-9a-f]{{{len(short)}}}", what)
            return f"{track}-{again[1] if again else what}-{short}"
        for folder in (self.workspace.submissions, self.study.folder / "winner"):
            file = folder / asked / "submission.py"
            if file.exists() and read_submission(file).digest != submission.digest:
                return f"{asked}-{short}"
        return asked

    def without(
        self,
        winner: Winner,
        parts: Parts,
        taken: Collection[int],
        label: str | None,
        asked: str | None,
    ) -> Winner:
        """The winner without these parts, not yet confirmed; named `asked` or after `label`."""
        settings = self.study.settings
        max_steps = get_track(settings.track).scales[settings.scale].max_steps
        smaller, spec = parts.without(taken, max_steps), parts.spec_without(taken)
        label = label or (spec.label if spec else winner.name)
        return Winner(self.name(label, smaller, asked), smaller, spec, winner.verdict)

    def publish(self, winner: Winner, evidence: Evidence, trial_digest: str) -> Publication:
        """Write the winner's files, commit them if asked, and keep the record."""
        folder = self.study.folder / "winner" / winner.name
        for file, text in winner_files(winner.name, winner.submission, evidence).items():
            write_text(folder / file, text)
        note = "not committed, as asked"
        publication = Publication(winner.name, winner.folder, str(folder), trial_digest, note=note)
        if self.commit:
            publication = self._committed(publication, winner.verdict)
        publication.keep(self.study)
        return publication

    def published(self, challenger: Submission) -> Publication | None:
        """The publication of this very trial, if it was accepted before and its files are there."""
        before, verdict = Publication.of(self.study), Verdict.of(self.study)
        if not (before and verdict and verdict.accepted):
            return None
        folder = self.study.folder / "winner" / before.name
        whole = all((folder / name).is_file() for name in WINNER_FILES)
        if before.trial_digest != challenger.digest or not whole:
            return None
        if self.commit and not before.commit:
            before = self._committed(before, verdict)
            before.keep(self.study)
        return before

    def _committed(self, publication: Publication, verdict: Verdict) -> Publication:
        name, reason = publication.name, verdict.reason
        folder = self.study.folder / "winner" / name
        files = {file: (folder / file).read_bytes().decode() for file in WINNER_FILES}
        message = f"Add {name} for {self.study.settings.track}\n\n{sentence(reason)}\n"
        commits = [one.commit for one in publications(self.study) if one.commit]
        branch = Branch(f"autoresearch/{self.study.name}", commits[-1] if commits else None)
        done = commit_files(self.workspace, branch, publication.folder, files, message)
        note = done.note
        if done.commit:
            hint = f"`git merge {done.branch}` adopts it."
            note = f"{note}; {hint}" if note else hint
        return replace(publication, branch=done.branch, commit=done.commit, note=note)


def _hyphenated(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9+-]+", "-", text)
