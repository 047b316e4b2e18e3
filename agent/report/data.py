"""Everything a report says about a study, as one JSON object; the renderers only lay it out."""

import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from typing import Any

from agent.knowledge.ideas import ideas
from agent.knowledge.stacking import stacked
from agent.knowledge.techniques import Techniques
from agent.proposers.llm.spending import spending, spent_usd
from agent.report.history import learning_curves, trial_rows
from agent.report.repeat import baseline_command, evaluation_commands, search_commands
from agent.report.sources import hypotheses, sources
from agent.study.importance import importance
from agent.study.records import FinishedTrial
from agent.study.schema_version import SCHEMA_VERSION
from agent.study.settings import Stage
from agent.study.stages import costs_of
from agent.study.study import Study
from agent.study.tool_version import tool_version
from agent.verdict.ablation_record import Ablation
from agent.verdict.alpha import alpha_of
from agent.verdict.baselines import BaselineRecord
from agent.verdict.publication import IncumbentCurve, Publication, WinnerCurve
from agent.verdict.stage_record import Record
from agent.verdict.verdict import Verdict, earlier_verdicts
from tracks.isolation.levels import Level, weakest
from tracks.registry import get_track

BEST_SHOWN = 10
FAILURES_SHOWN = 5
IDEAS_SHOWN = 5


def report_data(ledger: Study, studies: Sequence[Study] | None = None) -> dict[str, Any]:
    """`studies` are all those that ideas may be drawn from; this one alone without them."""
    settings = ledger.settings
    track = get_track(settings.track)
    finished = ledger.finished()
    ranked = ledger.ranked()
    failed = ledger.failed()
    everything = ledger.every_trial()
    known, found = studies or [ledger], Techniques(ledger.folder.parent).all()
    told = ideas(known, track, settings.objective, settings.scale, IDEAS_SHOWN, found)
    return {
        "schema_version": SCHEMA_VERSION,
        "study": ledger.name,
        "track": settings.track,
        "objective": settings.objective,
        "scale": settings.scale,
        "device": settings.device,
        "sandbox": _sandbox(finished),
        "seed": settings.seed,
        "sampler": settings.sampler,
        "tuned": settings.tuned,
        "recipes": settings.recipes,
        "ladder": [asdict(proxy) for proxy in settings.ladder],
        "metric": track.metric.name,
        "target": track.target,
        "stage": ledger.stage,
        "budget": settings.budget,
        "finished": len(finished),
        "complete": len(ranked),
        "pruned": dict(Counter(trial.outcome.scale for trial in ledger.pruned())),
        "failed": dict(Counter(trial.outcome.state for trial in failed)),
        "duplicates": sum(trial.duplicate for trial in everything),
        "evaluation_s": sum(trial.outcome.duration_s for trial in finished),
        "best": [_row(trial) for trial in ranked[:BEST_SHOWN]],
        "failures": [_row(trial) for trial in failed[-FAILURES_SHOWN:]],
        "trials": trial_rows(ledger),
        "sources": sources(ledger),
        "hypotheses": hypotheses(ledger),
        "spending": spending(ledger),
        "stacked": stacked(ledger),
        "curves": learning_curves(ledger),
        "incumbent": _json(IncumbentCurve.of(ledger)),
        "winner": _json(WinnerCurve.of(ledger)),
        "importance": importance(ledger),
        "stages_s": ledger.stages_s,
        "costs": _costs(ledger),
        "alpha": [asdict(comparison) for comparison in alpha_of(ledger).comparisons],
        "alpha_spent": alpha_of(ledger).spent,
        "environment": environment(),
        "commands": _commands(ledger),
        "baseline_command": baseline_command(ledger),
        "verdict": _json(Verdict.of(ledger)),
        "earlier": [verdict.to_json() for verdict in earlier_verdicts(ledger)],
        "ablation": _json(Ablation.of(ledger)),
        "baselines": (BaselineRecord.of(ledger) or BaselineRecord()).to_json()["rows"],
        "publication": _json(Publication.of(ledger)),
        "ideas": told,
    }


def _costs(study: Study) -> list[dict[str, Any]]:
    """CPU seconds, GPU seconds and dollars by stage; only the search asks a model."""
    spent = costs_of(study)
    return [
        {"stage": stage, **asdict(spent[stage]), "usd": spent_usd(study) * (stage is Stage.SEARCH)}
        for stage in Stage
        if stage in spent and stage is not Stage.DONE
    ]


def _json(record: Record | None) -> dict[str, Any] | None:
    return record.to_json() if record else None


def _sandbox(finished: Sequence[FinishedTrial]) -> str | None:
    """The weakest sandbox that any trial ran in; None where none has run."""
    outcomes = (trial.outcome for trial in finished)
    levels = [level for it in outcomes if (level := it.sandbox) not in (None, Level.NONE)]
    return weakest(levels) if levels else None


def environment() -> dict[str, str]:
    """What this report was made with; every evaluation's own is in its file."""
    tool = tool_version()
    commit = str(tool["commit"])[:12] if tool["commit"] else "not in git"
    return {
        "autoresearch": commit + (", changed since" if tool["dirty"] else ""),
        "python": platform.python_version(),
        "torch": metadata.version("torch"),
        "optuna": metadata.version("optuna"),
        "platform": platform.platform(),
    }


def _commands(ledger: Study) -> list[str]:
    settings = ledger.settings
    commands = [*search_commands(ledger), f"autoresearch report {ledger.name}"]
    publication, verdict = Publication.of(ledger), Verdict.of(ledger)
    if publication and verdict:
        every = get_track(settings.track).eval_every[settings.objective]
        fresh = [pair.drawn_from for pair in verdict.pairs]
        file = f"{publication.files}/submission.py"
        commands += evaluation_commands(
            settings.track,
            file,
            every,
            settings.scale,
            fresh,
            device=settings.device,
            official_device=settings.official_device,
        )
    return commands


def _row(trial: FinishedTrial) -> dict[str, Any]:
    return {**trial.row(), "spec": trial.proposal.spec, "digest": trial.proposal.digest}
