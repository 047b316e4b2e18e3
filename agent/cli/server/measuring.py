"""Tools that measure: check, propose, run."""

from typing import Annotated, Literal

from pydantic import Field

from agent.cli import inputs
from agent.cli.options import FULL
from agent.cli.server.reading import Report, named_track
from agent.cli.server.tool import DraftName, Measuring, Name, StudyName, Text, draft
from agent.study.errors import UserError

File = Annotated[DraftName, Field(description="File below drafts/ that defines Submission.")]


class Check(Measuring):
    """Whether a file keeps the rules and runs, and the nearest known optimizer; uses no trial."""

    name = "check"
    file: File
    study: Name = Field("", description="Compare with the trials of this study as well.")

    def words(self, budget: int) -> list[str]:
        study = [f"--study={self.study}"] if self.study else []
        return ["check", "--json", *study, "--", str(draft(self.file))]


class Propose(Measuring):
    """Measure one optimizer as a trial of a study.

    Give either `file` or `spec`. With `track` the study is begun where none has that name. A
    proposal that is rejected at a gate uses no trial. The answer has the state, score (lower is
    better), rank, curve, log and what to do next.
    """

    name = "propose"
    study: StudyName
    hypothesis: Text = Field(description="The effect that you expect and why.")
    file: DraftName = Field("", description="File below drafts/ that defines Submission.")
    spec: DraftName = Field("", description="JSON file of a spec below drafts/, instead of code.")
    effect: Text = Field("", description="Expected gain over the best trial, with its unit.")
    bucket: Literal["high", "medium", "low"] = Field("medium", description="Size of the effect.")
    parents: list[int] = Field([], max_length=20, description="Trials that it builds on.")
    label: Name = Field("", description="Name in tables; the file's by default.")
    track: Name = Field("", description="Track of a new study.")
    scale: Name = Field("", description="Size of a run in a new study.")

    def words(self, budget: int) -> list[str]:
        if bool(self.file) == bool(self.spec):
            raise UserError("which optimizer? give either file or spec")
        which = f"--file={draft(self.file)}" if self.file else f"--spec={draft(self.spec)}"
        given = {name: getattr(self, name) for name in ("effect", "label", "track", "scale")}
        if self.track:
            named_track(self.track, self.scale or FULL)
        return [
            "propose", f"--study={self.study}", which, f"--hypothesis={self.hypothesis}",
            f"--bucket={self.bucket}", f"--budget={budget}", "--keep-budget",
            *[f"--parent={parent}" for parent in self.parents],
            *[f"--{name}={value}" for name, value in given.items() if value],
        ]  # fmt: skip


class Run(Measuring):
    """Take a study to its verdict, which takes minutes; it asks no model and samples nothing.

    The best trial is tested on held-out instances, ablated, simplified, and committed to the branch
    autoresearch/STUDY. All comparisons of a study share an alpha of 1%: call it once you have no
    better idea. Stopped half-way, it continues when it is called again. The answer is the report.
    """

    name = "run"
    study: StudyName
    winner: Name = Field("", description="Name of the winner's folder: its mechanism.")

    def words(self, budget: int) -> list[str]:
        opened = inputs.open_ledger(read_only=True).open(self.study)
        if opened.overrides.proposer != "external":
            raise UserError(
                f"study {self.study} also searches by itself, which its user continues: "
                f"autoresearch run --resume {self.study}"
            )
        winner = [f"--name={self.winner}"] if self.winner else []
        return ["run", f"--resume={self.study}", "--proposer=external", "--json", *winner]

    def answer(self, printed: str) -> str:
        return Report(study=self.study).answer()
