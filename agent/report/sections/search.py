"""What the search tried: its sources, the lineage of the result, failures, all trials."""

from agent.knowledge.stacking import Stacked, stacked
from agent.proposers.bandit import Arm
from agent.proposers.llm.spending import spending
from agent.report import charts
from agent.report.data import Report
from agent.report.section import Section, Table, shown
from agent.report.tables import if_target, number, sentence
from agent.study.importance import importance
from agent.study.records import Ending, FinishedTrial, Origin
from agent.verdict.publication import Publication, publications
from tracks.evaluation import State


def sources(report: Report) -> Section:
    """The sources of proposals, what composed techniques did, and what hypotheses expected."""
    rows = [
        [
            report.origin(Arm(source.origin, source.model)),
            str(source.trials),
            str(source.complete),
            str(source.paid),
            "-" if source.best is None else f"trial {source.best}: {source.best_came}",
            "-" if source.usd is None else f"${source.usd:.4f}",
        ]
        for source in report.sources
    ]
    note = (
        "Successes: complete trials that were in the best quarter of those before them. The "
        "success rate, and the cost of a model, decide which source proposes next in a mixed study."
    )
    spent = spending(report.study)
    header = ["source", "trials", "complete", "successes", "best", "cost"]
    return Section(
        "sources",
        "Sources of the proposals",
        table=Table(header, rows),
        notes=[note, str(spent)] if spent else [note],
        parts=shown(_composed(stacked(report.study)), _hypotheses(report)),
        brief=len(rows) > 1 or bool(spent),
    )


def _composed(rows: list[Stacked]) -> Section:
    word = {True: "yes", False: "no", None: "-"}
    cells = [
        [
            row.bucket,
            row.part,
            row.source,
            "-" if row.base is None else f"trial {row.base}",
            row.before or "-",
            str(row.trial),
            row.after,
            word[row.stacks],
        ]
        for row in rows
    ]
    header = ["bucket", "part", "source", "joined to", "before", "trial", "after", "improved"]
    notes = ["Techniques of a survey, each joined to the best trial of its time."]
    return Section("composed", "Composed techniques", table=Table(header, cells), notes=notes)


def _hypotheses(report: Report) -> Section:
    """Those of compositions are in their own table."""
    cells = [
        [
            str(trial.number),
            ", ".join(map(str, why.parents)) or "-",
            why.text,
            why.expected_effect or "-",
            why.bucket,
            str(trial.outcome),
        ]
        for trial in report.trials
        if (why := trial.proposal.hypothesis) and trial.proposal.origin is not Origin.COMPOSED
    ]
    table = Table(["trial", "parents", "hypothesis", "expected", "bucket", "result"], cells)
    return Section("hypotheses", "Hypotheses and results", table=table, brief=False)


def lineage(report: Report) -> Section:
    """From the first parent to what was published."""
    text = [" -> ".join(lineage_steps(report))] if report.verdict and report.ranked else []
    for one in publications(report.study):
        before = "" if one == report.publication else f"Before, {one.name}: "
        text.append(before + publication_line(one))
    return Section("lineage", "Origin of the result", text)


def lineage_steps(report: Report) -> list[str]:
    verdict, ablation = report.verdict, report.ablation
    assert verdict, "a result is what a verdict is about"
    last = report.ranked[0].number if verdict.trial is None else verdict.trial
    steps = [
        f"trial {trial.number} ({trial.proposal.origin}: {trial.proposal.label})"
        for trial in _line(report, last)
    ]
    simplified = ablation.simplified if ablation else None
    if ablation and simplified and simplified.verdict and simplified.verdict.accepted:
        steps.append(f"without {', '.join(ablation.taken_out)}")
    return [*steps, f"{'accepted' if verdict.accepted else 'refused'} as {verdict.challenger}"]


def _line(report: Report, number: int) -> list[FinishedTrial]:
    """A trial after its first parents, the oldest first; every parent came before its child."""
    trials = {trial.number: trial for trial in report.trials}
    line: list[FinishedTrial] = []
    while (trial := trials.pop(number, None)) is not None:
        line.insert(0, trial)
        hypothesis = trial.proposal.hypothesis
        number = hypothesis.parents[0] if hypothesis and hypothesis.parents else -1
    return line


def publication_line(publication: Publication) -> str:
    where = f"Files in `{publication.files}`."
    if publication.commit:
        where += f" Committed as {publication.commit[:12]} on branch `{publication.branch}`."
    return f"{where} {sentence(publication.note)}".strip()


def decisions(report: Report) -> Section:
    rows = [(name, share, f"{share:.0%}") for name, share in importance(report.study).items()]
    chart = charts.Bars("Share of each decision in what set good trials apart", rows, 1.0)
    return Section(
        "importance",
        "Decisions that mattered in the search",
        charts=[chart] if rows else [],
        table=Table(["decision", "share"], [[name, text] for name, _, text in rows]),
        notes=["PED-ANOVA over the complete trials: correlations of a search, not proof."],
        brief=False,
    )


def failures(report: Report) -> Section:
    """How many trials ended in each state of failure, with the last of them."""
    ended: dict[State | Ending, list[FinishedTrial]] = {}
    for trial in report.failed:
        ended.setdefault(trial.outcome.state, []).append(trial)
    rows = [
        [state, str(len(trials)), trials[-1].name, trials[-1].outcome.reason or "-"]
        for state, trials in sorted(ended.items())
    ]
    table = Table(["state", "trials", "last trial", "its reason"], rows)
    return Section("failures", "Failures", table=table)


def trials(report: Report) -> Section:
    rows = [
        [
            str(trial.number),
            trial.proposal.label,
            report.origin(Arm.of(trial)),
            f"pruned at {it.scale}" if it.state is Ending.PRUNED else it.state,
            "-" if it.final is None else number(it.final),
            *if_target(
                report.track, str(it.steps_to_target or "missed") if trial.complete else "-"
            ),
            f"{it.duration_s:.1f}",
            it.reason or "-",
        ]
        for trial in report.trials
        if (it := trial.outcome)
    ]
    steps = if_target(report.track, "steps")
    header = ["trial", "optimizer", "origin", "state", "last", *steps, "seconds", "reason"]
    title, table = f"All {len(rows)} trials", Table(header, rows)
    return Section("trials", title, table=table, brief=False, folded=True)
