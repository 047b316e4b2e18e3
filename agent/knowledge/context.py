"""The context of a study for agents and models, in a few thousand tokens.

It has verdicts in words, and neither held-out instances nor results on them.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agent.knowledge.ideas import Asked, Ideas, ideas
from agent.knowledge.incumbent import incumbent_score_of
from agent.knowledge.stacking import stacked
from agent.knowledge.techniques import Techniques
from agent.study.records import FinishedTrial
from agent.study.study import Study
from agent.study.track_change import change_note
from agent.study.workspace import Workspace
from agent.verdict.ablation_record import Ablation
from agent.verdict.alpha import TOTAL, alpha_of
from agent.verdict.effect import metric_text
from agent.verdict.figures import figure
from agent.verdict.verdict import Verdict
from search_space.registry import KINDS
from search_space.spec import Spec
from tracks.instance import OFFICIAL_SEEDS
from tracks.printable import QUOTED, fenced, plain
from tracks.registry import get_track

MOST_TOKENS = 4000
CODE = 1500
"""Tokens of a file, at most."""
HYPOTHESIS = 300
"""Characters of a hypothesis, at most."""
BEST, FAILED, IDEAS, LESSONS, EXPECTED, SURVEYED = 8, 6, 5, 12, 8, 12
CHARACTERS_A_TOKEN = 3.0
"""Fewer than in English, so that the count errs on the high side."""
CONTRACT = """\
## Contract

One Python file that defines `Submission`, a subclass of `torch.optim.Optimizer`, built as
`Submission(model.parameters())`; one `step()` a training step, without a closure. It sees
parameters (by their shapes and order) and gradients, and nothing else. Imports: torch, numpy and
Python's own modules; torch.compile is refused. Mechanisms are declared as keyword arguments of
`__init__` that are `True`, so that an ablation can switch them off. The simpler of two equal
optimizers wins.

Cheating, and refused: data, seeds, the teacher or the layout of tokens; files, processes, the
network; a forward or backward pass of one's own; anything that cannot be read."""


def context(
    study: Study,
    studies: Sequence[Study],
    most_tokens: int = MOST_TOKENS,
    *,
    with_code: bool = True,
) -> str:
    """Markdown of at most `most_tokens`; the least useful sections are last and dropped first.

    `with_code` adds the file of the best trial, where it is short code.
    """
    changed = change_note(study)
    asked = Asked.of(study.settings)
    known = ideas(studies, asked, IDEAS)
    best = [_line(trial) for trial in study.ranked()[:BEST]]
    failed = [_line(trial) for trial in study.failed()[-FAILED:]]
    sections = [
        _task(study, changed), CONTRACT, _verdict(study),
        _section("Best trials, on the official instance", best), _expected(study),
        _ablation(study), _section("Last failures", failed), _surveyed(study), _lessons(known),
        _untried(known), _best_code(study) if with_code else "", _parts(),
    ]  # fmt: skip
    shown = [section for section in sections if section]
    while len(shown) > 1 and tokens("\n\n".join(shown)) > most_tokens:
        shown.pop()
    return "\n\n".join(shown) + "\n"


def tokens(text: str) -> int:
    """An estimate of the tokens of a text, on the high side."""
    return round(len(text) / CHARACTERS_A_TOKEN)


def _task(study: Study, changed: str) -> str:
    settings = study.settings
    track = get_track(settings.track)
    scale = track.scales[settings.scale]
    student = track.student(OFFICIAL_SEEDS, settings.scale)
    shapes = ", ".join(
        f"{name} {'x'.join(map(str, tuple(p.shape)))}" for name, p in student.named_parameters()
    )
    aim = (
        f"steps until {track.metric.name} {track.target:g}"
        if settings.objective == "steps"
        else f"final {track.metric.name}"
        + ("" if track.target is None else f", target {track.target:g}")
    )
    higher = settings.objective == "final" and track.metric.higher_is_better
    better = "higher" if higher else "lower"
    left = settings.budget - len(study.finished())
    task = f"{track.task} " if track.task else ""
    return (
        f"# Study {study.name}: {settings.track}\n\n{changed and f'{changed} '}"
        f"{track.summary}. {task}Objective: {aim}, {better} is better. A run has {scale.max_steps} "
        f"steps of {scale.batch_size} samples. Parameters in order: {shapes}.\n"
        f"{len(study.finished())} of {settings.budget} trials are finished; {left} are left. "
        f"{_standing(study)}"
    )


def _standing(study: Study) -> str:
    """Trials since the best one, and the alpha that is left."""
    best, alpha = study.best(), alpha_of(study)
    since = 0 if best is None else sum(t.number > best.number for t in study.finished())
    best_is = f"The best is trial {best.number}; {since} finished after it. " if best else ""
    left = max(0.0, TOTAL - alpha.spent)
    alpha_left = f"Verdicts can spend {left:.2g} of the study's alpha of {TOTAL:g}."
    return f"{best_is}{_incumbent(study)} {alpha_left}"


def _incumbent(study: Study) -> str:
    """What a verdict compares the best trial with."""
    name, score = incumbent_score_of(Workspace(study.runs.parent), study)
    told = "not measured" if score is None else metric_text(score, study.settings)
    return f"The incumbent is {name}: {told}."


def _verdict(study: Study) -> str:
    verdict = Verdict.of(study)
    if not verdict:
        return ""
    word = "accepted" if verdict.accepted else "refused"
    official = asdict(verdict.official) if verdict.official else {}
    told = {who: metric_text(score, study.settings) for who, score in official.items()}
    scores = ", ".join(f"{who} {score}" for who, score in told.items())
    return f"## Verdict\n\n{verdict.challenger} was {word}: {verdict.reason}." + (
        f" Official scores: {scores}." if scores else ""
    )


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"## {title}", "", *lines]) if lines else ""


def _line(trial: FinishedTrial) -> str:
    proposal, spec = trial.proposal, trial.proposal.known_spec()
    made_of = f": {summary(spec)}" if spec else ""
    about = f"{proposal.origin}, {quoted(proposal.label)}"
    return f"- {trial.number} ({about}) {quoted(str(trial.outcome))}{made_of}"


def _expected(study: Study) -> str:
    """The last hypotheses with their outcomes."""
    lines = []
    for trial in study.finished():
        why = trial.proposal.hypothesis
        if why:
            parents = f", from {', '.join(map(str, why.parents))}" if why.parents else ""
            expected = f"{quoted(why.text, HYPOTHESIS)} ({why.bucket}{parents})"
            lines.append(f"- {trial.number}: {expected}; outcome: {quoted(str(trial.outcome))}")
    return _section("Hypotheses and outcomes", lines[-EXPECTED:])


def quoted(text: str, most: int = QUOTED) -> str:
    """Text that a candidate may have influenced, as data: one line between backticks."""
    return f"`{plain(text, most)}`"


def summary(spec: Spec) -> str:
    """The parts of a spec with their numbers, in one line."""
    described = [_choices(spec.run.to_json())]
    for phase in spec.phases:
        start = f"from {phase.start:g}: " if phase.start else ""
        described.append(start + _choices(phase.to_json()))
    return "; ".join(part for part in described if part)


def _choices(choices: dict[str, Any]) -> str:
    return ", ".join(
        f"{kind} {choice['part']}"
        + "".join(f" {name} {value:g}" for name, value in choice.items() if name != "part")
        for kind, choice in choices.items()
        if isinstance(choice, dict)
    )


def _ablation(study: Study) -> str:
    ablation = Ablation.of(study)
    if ablation is None:
        return ""
    lines = []
    for row in ablation.rows:
        worth = "-" if row.delta is None else f"{figure(row.delta, '+.3g')} {ablation.unit}"
        without = f"{worth} without it, scale {row.scale}"
        lines.append(f"- {row.name}: {row.finding}{row.together_with} ({without})")
    return _section("What each part of the winner is worth", lines)


def _surveyed(study: Study) -> str:
    """Surveyed techniques, and whether they stacked here."""
    stacks = {row.part: row.stacks for row in stacked(study)}
    lines = []
    for technique in Techniques(study.runs).all()[:SURVEYED]:
        claim = f", claims {quoted(technique.claimed_gain)}" if technique.claimed_gain else ""
        part = technique.part or "needs a new part"
        tried = stacks.get(part)
        word = "" if tried is None else f"; {'stacked' if tried else 'did not stack'} here"
        lines.append(f"- {technique.bucket}: {quoted(technique.name)} ({part}{claim}){word}")
    return _section("Surveyed techniques", lines)


def _lessons(known: Ideas) -> str:
    lines = [f"- {bad.part}: {bad.evidence}" for bad in known.negative[:LESSONS]]
    lines += [
        f"- {' and '.join(pair.parts)}: interaction {figure(pair.interaction, '+.3g')} {pair.unit}"
        for pair in known.interactions[:LESSONS]
    ]
    return _section("What does not work, and interactions", lines)


def _untried(known: Ideas) -> str:
    model, lines = known.surrogate, []
    for idea in known.untried:
        predicted = idea.worth is None
        value = f"chance to be best {idea.chance:.0%}" if predicted else f"{idea.worth:.3g}"
        lines.append(f"- {idea.from_} with {idea.change}: {value}")
    ranked = "By what ablations measured of the parts, added less lost:"
    if model and model.real:
        ranked = f"By a model of parts that explains {model.explained:.0%} of how trials rank:"
    return _section("Untried combinations", [ranked, *lines] if lines else [])


def _best_code(study: Study) -> str:
    best = study.best()
    if best is None or best.proposal.spec:
        return ""
    path = study.trial_folder(best.number) / "submission.py"
    source = path.read_text(encoding="utf-8") if path.exists() else ""
    if not source or tokens(source) > CODE:
        return ""
    return f"## File of the best trial, {best.number}\n\n{fenced(source)}"


def _parts() -> str:
    how = "`autoresearch space components` has their formulas. The first of a kind is neutral."
    lines = [f"- {kind.name}: {', '.join(part.name for part in kind.parts)}" for kind in KINDS]
    return _section("Parts of a spec", [how, *lines])
