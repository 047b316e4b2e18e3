"""What a report says of a study: its records, read once, and the same as one JSON object."""

import csv
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from agent.knowledge.ideas import Asked, Ideas, ideas
from agent.knowledge.stacking import stacked
from agent.knowledge.techniques import Techniques
from agent.proposers.bandit import Arm, payoffs
from agent.proposers.llm.spending import calls_of, spending, spent_usd
from agent.report.repeat import baseline_command, commands, environment
from agent.study.errors import UnreadableFileError
from agent.study.importance import importance
from agent.study.records import FinishedTrial, Origin, Status
from agent.study.schema_version import SCHEMA_VERSION
from agent.study.settings import Stage
from agent.study.stages import Cost, costs_of
from agent.study.study import Study
from agent.study.track_change import has_changed
from agent.verdict.ablation_record import Ablation
from agent.verdict.alpha import alpha_of
from agent.verdict.baselines import BaselineRecord
from agent.verdict.publication import IncumbentCurve, Publication, WinnerCurve
from agent.verdict.stage_record import Record
from agent.verdict.transfer_record import TransferRecord
from agent.verdict.verdict import Verdict, earlier_verdicts
from tracks.isolation.levels import Level, weakest
from tracks.registry import get_track

BEST_SHOWN = 10
FAILURES_SHOWN = IDEAS_SHOWN = CURVES_SHOWN = 5
SETTINGS = (
    "track", "objective", "scale", "device", "seed", "sampler", "tuned", "recipes", "budget"
)  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """(step, metric) of a trial's official run."""

    trial: int
    label: str
    points: Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Source:
    """What came of one origin's proposals, or of one model's; `paid` of them were in the best
    quarter so far, `usd` is what the model cost."""

    origin: Origin
    model: str
    trials: int
    complete: int
    paid: int
    best: int | None
    best_came: str | None
    usd: float | None


class Report:
    """A study, and the studies that ideas are drawn from: this one alone without them."""

    def __init__(self, study: Study, studies: Sequence[Study] = ()) -> None:
        self.study, self._studies = study, studies or [study]
        self.settings = study.settings
        self.track = get_track(self.settings.track)
        self.steps = self.settings.objective == "steps"
        """Whether the objective is steps to target."""
        self.trials = study.finished()
        self._began = min((t.started for t in self.trials if t.started), default=None)
        self.begun = study.open_trials(Status.RUNNING)
        """Trials without an end; one of a process that was killed is among them."""
        self.ranked = study.ranked()
        """Complete trials, the best first."""
        self.failed = study.failed()
        self.pruned = Counter(trial.outcome.scale or "" for trial in study.pruned())
        """Trials by the scale at which the ladder stopped them."""
        self.duplicates = sum(trial.duplicate for trial in study.every_trial())
        self.evaluation_s = sum(trial.outcome.duration_s for trial in self.trials)
        self.verdict = Verdict.of(study)
        self.ablation = Ablation.of(study)
        self.publication = Publication.of(study)
        self.baselines = BaselineRecord.of(study) or BaselineRecord()
        self.transfer = TransferRecord.of(study)
        self.alpha = alpha_of(study)

    @property
    def sandbox(self) -> Level | None:
        """The weakest that any trial ran in; None where none has run."""
        levels = [trial.outcome.sandbox for trial in self.trials]
        ran = [level for level in levels if level not in (None, Level.NONE)]
        return weakest(ran) if ran else None

    @cached_property
    def running(self) -> bool:
        """Whether a process takes the study on now."""
        return self.study.is_locked()

    @cached_property
    def models(self) -> set[str]:
        """That proposed trials."""
        return {trial.author for trial in self.trials if trial.author}

    def origin(self, arm: Arm) -> str:
        """As tables have it: the model where the study has several."""
        return arm.model if arm.model and len(self.models) > 1 else arm.origin

    @cached_property
    def ideas(self) -> Ideas:
        techniques = Techniques(self.study.runs).all()
        asked = Asked.of(self.settings)
        return ideas(self._studies, asked, IDEAS_SHOWN, techniques)

    @cached_property
    def curves(self) -> list[Curve]:
        """Of the best trials, where they have one."""
        found = [
            Curve(trial.number, trial.proposal.label, _curve(self.study, trial))
            for trial in self.ranked[:CURVES_SHOWN]
        ]
        return [curve for curve in found if curve.points]

    @property
    def sources(self) -> list[Source]:
        """One for each origin and each model, in order of appearance."""
        results = [(Arm.of(trial), trial.value) for trial in self.trials]
        paid, calls, found = payoffs(results, dict(results)), calls_of(self.study), []
        for arm in paid:
            trials = [trial for trial in self.trials if Arm.of(trial) == arm]
            ranked = [trial for trial in self.ranked if Arm.of(trial) == arm]
            best, came = (ranked[0].number, str(ranked[0].outcome)) if ranked else (None, None)
            usd = sum(call.usd for call in calls if call.model == arm.model) if arm.model else None
            counts = len(trials), len(ranked), sum(paid[arm])
            found.append(Source(arm.origin, arm.model, *counts, best, came, usd))
        return found

    @cached_property
    def costs(self) -> list[tuple[Stage, Cost, float]]:
        """Seconds and dollars by stage; only the search asks a model."""
        spent, usd = costs_of(self.study), spent_usd(self.study)
        stages = [stage for stage in spent if stage is not Stage.DONE]
        return [(it, spent[it], usd if it is Stage.SEARCH else 0.0) for it in stages]

    @cached_property
    def commands(self) -> list[str]:
        """Everything that repeats the study."""
        return commands(self.study, self.verdict, self.publication, self.transfer)

    def ended_s(self, trial: FinishedTrial) -> float | None:
        """Seconds from the start of the first trial to the end of this one."""
        began, ended = self._began, trial.ended
        return (ended - began).total_seconds() if began and ended else None

    def to_json(self) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "study": self.study.name,
            **{name: getattr(self.settings, name) for name in SETTINGS},
            "ladder": [asdict(proxy) for proxy in self.settings.ladder],
            "track_file_changed": has_changed(self.study),
            "metric": self.track.metric.name,
            "target": self.track.target,
            "stage": self.study.stage,
            **self._trials_json(),
            **self._search_json(),
            **self._verdict_json(),
            "environment": environment(),
            "commands": self.commands,
            "baseline_command": baseline_command(self.study),
            "ideas": self.ideas.to_json(),
        }

    def _trials_json(self) -> dict[str, Any]:
        return {
            "finished": len(self.trials),
            "begun": [trial.number for trial in self.begun],
            "complete": len(self.ranked),
            "sandbox": self.sandbox,
            "pruned": dict(self.pruned),
            "failed": dict(Counter(trial.outcome.state for trial in self.failed)),
            "duplicates": self.duplicates,
            "evaluation_s": self.evaluation_s,
            "best": [_row(trial) for trial in self.ranked[:BEST_SHOWN]],
            "failures": [_row(trial) for trial in self.failed[-FAILURES_SHOWN:]],
            "trials": [
                {**t.row(), "scale": t.outcome.scale, "ended_s": self.ended_s(t)}
                for t in self.trials
            ],
            "hypotheses": [
                {"trial": t.number, "origin": t.proposal.origin, **asdict(why), "came": came}
                for t in self.trials
                if (why := t.proposal.hypothesis) and (came := str(t.outcome))
            ],
        }

    def _search_json(self) -> dict[str, Any]:
        return {
            "sources": [asdict(source) for source in self.sources],
            "spending": asdict(spent) if (spent := spending(self.study)) else None,
            "stacked": [row.to_json() for row in stacked(self.study)],
            "curves": [asdict(curve) for curve in self.curves],
            "importance": importance(self.study),
            "stages_s": {stage: cost.wall_s for stage, cost, _ in self.costs},
            "costs": [
                {"stage": stage, **asdict(cost), "usd": usd} for stage, cost, usd in self.costs
            ],
        }

    def _verdict_json(self) -> dict[str, Any]:
        return {
            "alpha": [asdict(comparison) for comparison in self.alpha.comparisons],
            "alpha_spent": self.alpha.spent,
            "incumbent": _json(IncumbentCurve.of(self.study)),
            "winner": _json(WinnerCurve.of(self.study)),
            "verdict": _json(self.verdict),
            "earlier": [verdict.to_json() for verdict in earlier_verdicts(self.study)],
            "ablation": _json(self.ablation),
            "baselines": self.baselines.to_json()["rows"],
            "transfer": _json(self.transfer),
            "publication": _json(self.publication),
        }


def _json(record: Record | None) -> dict[str, Any] | None:
    return record.to_json() if record else None


def _row(trial: FinishedTrial) -> dict[str, Any]:
    return {**trial.row(), "spec": trial.proposal.spec, "digest": trial.proposal.digest}


def _curve(study: Study, trial: FinishedTrial) -> list[tuple[int, float]]:
    path = study.trial_folder(trial.number) / "curve.csv"
    try:
        with open(path, newline="") as file:
            _, *rows = csv.reader(file)
        points = [(int(step), float(value)) for step, value in rows]
    except FileNotFoundError:
        return []
    except (ValueError, csv.Error) as error:
        raise UnreadableFileError(
            f"{path} is damaged: no curve ({error}); remove it; the report then omits the curve"
        ) from error
    return [(step, value) for step, value in points if math.isfinite(value)]
