"""Tools that read: context, report, ideas, space, status."""

import json
from typing import Annotated, Literal

from pydantic import Field

from agent.cli import inputs
from agent.cli.options import FULL, Task, known_scale, known_track
from agent.cli.server.tool import DraftName, Name, Reading, StudyName, draft
from agent.study.errors import UserError
from tracks.base import Track

TrackName = Annotated[Name, Field(description="Name of a track, such as mqar.")]


class Context(Reading):
    """What to know of a study before the next proposal.

    The task and its rules, the best trials, failures, what each part is worth, untried ideas, and
    the code of the best trial if it is short.
    """

    name = "context"
    study: StudyName
    tokens: int = Field(4000, ge=500, le=20000, description="Length, at most.")

    def answer(self) -> str:
        from agent.cli.context import context_of

        return context_of(self.study, self.tokens)


class Report(Reading):
    """The result of a study: verdict, best trials, ablation, failures, time."""

    name = "report"
    study: StudyName

    def answer(self) -> str:
        from agent.cli.report import report_of
        from agent.report.markdown import study_report

        return study_report(report_of(self.study))


class Ideas(Reading):
    """Standings of a track over all studies, untried combinations, and what does not work."""

    name = "ideas"
    track: TrackName
    scale: Name = Field(FULL, description="Size of a run.")
    top: int = Field(10, ge=1, le=50, description="Rows of each table.")

    def answer(self) -> str:
        from agent.cli.ideas import gathered
        from agent.report.markdown import markdown
        from agent.report.sections.ideas import ideas_document

        task = Task(track=read_track(self.track), scale=self.scale)
        return markdown(ideas_document(gathered(task, self.top), self.top, words=False))


class Space(Reading):
    """The search space: all recipes and parts; one of them; or the code of a recipe.

    Without `item` the list. Save code or a spec to a file below drafts/ before you propose it.
    """

    name = "space"
    item: DraftName = Field(
        "",
        description="A recipe, a kind, or a part such as direction.muon; for `code` and `spec` "
        "also the JSON file of a spec below drafts/.",
    )
    form: Literal["text", "spec", "code"] = Field(
        "text", description="text: numbers and formulas; spec: JSON for `propose`; code: a file."
    )
    track: Name = Field("", description="Track whose length of a run the code is for.")

    def answer(self) -> str:
        from agent.cli import space

        if self.form == "text":
            return space.shown(self.item) if self.item else self._list()
        if not self.item:
            raise UserError(f"form {self.form}: expected an item, such as the recipe adamw")
        # what ends in .json is a file
        item = str(draft(self.item)) if self.item.endswith(".json") else self.item
        if self.form == "spec":
            return json.dumps(space.spec_of(item).to_json(), indent=2)
        track = read_track(self.track) if self.track else None
        return space.rendered(item, track.scales[FULL].max_steps if track else space.MAX_STEPS)

    def _list(self) -> str:
        from agent.cli.space import listed

        recipes, kinds = listed()
        lines = ["Recipes, and what they are composed of:"]
        lines += [f"- {name}: {label}" for name, label in recipes]
        lines += ["", "Kinds with their parts, the neutral one first:"]
        return "\n".join([*lines, *(f"- {kind}: {parts}" for kind, parts in kinds)])


class Status(Reading):
    """The studies of this workspace, the stage that each is in, and whether it runs now."""

    name = "status"

    def answer(self) -> str:
        from agent.cli.status import progress

        return json.dumps({"studies": progress()}, indent=2)


def read_track(name: str) -> Track:
    """As `named_track`; also that of a study here, which its user began. Raises UserError."""
    studies = inputs.open_ledger(read_only=True).all()
    own = {study.settings.track for study in studies if study.track_file}
    return known_track(name) if name in own else named_track(name)


def named_track(name: str, scale: str = FULL) -> Track:
    """The track of this name; a file of a track is code, and no tool runs it. Raises UserError."""
    from tracks.registry import all_tracks, packaged_tracks

    known = sorted({*all_tracks(), *packaged_tracks()})
    if name not in known:
        raise UserError(f"no track named {name!r}; there are: {', '.join(known)}")
    track = known_track(name)
    known_scale(scale, track)
    return track
