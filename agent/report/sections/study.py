"""The whole report of a study: its first words, its key figures, and all sections in order."""

from collections.abc import Sequence

from agent.proposers.llm.spending import spent_usd
from agent.report.data import Report
from agent.report.section import Document, shown
from agent.report.sections import effort, progress, search
from agent.report.sections.ablation import ablation_section
from agent.report.sections.ideas import ideas_section
from agent.report.sections.transfer import transfer_section
from agent.report.sections.verdict import alpha_line, baselines, sandbox_note, verdict_section
from agent.report.tables import duration, number
from agent.study.settings import Stage
from agent.study.track_change import change_note
from agent.verdict.effect import effect_in_words
from agent.verdict.publication import WinnerCurve
from agent.verdict.verdict import Verdict, earlier_verdicts


def study_document(report: Report, *, brief: bool = False) -> Document:
    """With `brief` only the sections that the terminal shows."""
    changed = change_note(report.study)
    verdict, ablation, found = report.verdict, report.ablation, report.transfer
    record = f"runs/{report.study.name}/verdict.json"
    sections = shown(
        progress.begun(report),
        progress.progress(report),
        *([verdict_section(verdict, record, alpha_line(report.alpha))] if verdict else []),
        *([baselines(report)] if verdict and verdict.accepted else []),
        *([ablation_section(ablation)] if ablation else []),
        *([transfer_section(verdict.challenger, found)] if verdict and found else []),
        *([] if brief else [progress.curves(report)]),
        search.sources(report),
        search.lineage(report),
        *([] if brief else [search.decisions(report), ideas_section(report.ideas)]),
        search.failures(report),
        *([] if brief else [search.trials(report), effort.repeat(report)]),
        effort.costs(report),
    )
    standing = "accepted" if verdict and verdict.accepted else "refused" if verdict else "open"
    return Document(
        f"Study {report.study.name}",
        standing,
        [headline(report), *filter(None, [changed]), _task(report)],
        figures(report),
        sections,
    )


def headline(report: Report) -> str:
    """A few sentences: the result, and whether it is new."""
    if not report.verdict:
        return _without_verdict(report)
    sentences = [verdict_headline(report.verdict)]
    sentences += [
        f"Accepted before: {earlier.challenger}: {earlier.reason}."
        for earlier in earlier_verdicts(report.study)
    ]
    if report.study.stage is not Stage.DONE:
        sentences.append(_unfinished(report, "a verdict was reached"))
    return " ".join(sentences)


def verdict_headline(verdict: Verdict) -> str:
    word = "Accepted" if verdict.accepted else "Refused"
    sentences = [
        verdict.novelty.sentence if verdict.novelty else "",
        f"{word}: {verdict.challenger}: {verdict.reason}.",
        sandbox_note(verdict.sandbox),
    ]
    return " ".join(filter(None, sentences))


def _without_verdict(report: Report) -> str:
    done = f"{len(report.trials)} of {report.settings.budget} trials finished"
    if report.settings.tuned and report.ranked:
        best = report.ranked[0].number
        return f"{report.settings.tuned} tuned as a baseline; {done}, the best is trial {best}."
    if report.study.stage is Stage.DONE:
        return f"No winner: no trial of {len(report.trials)} completed."
    return _unfinished(report, done)


def _unfinished(report: Report, done: str) -> str:
    if report.running:
        return f"Running ({report.study.stage}): {done}."
    again = f"Resume with `autoresearch run --resume {report.study.name}`."
    return f"Not finished ({report.study.stage}): {done}. {again}"


def _task(report: Report) -> str:
    """What was asked, for a reader who does not know this project."""
    track, metric = report.track, report.track.metric.name
    aim = (
        f"the fewest training steps until the {metric} reaches {track.target:g}"
        if report.steps
        else f"the best {metric} after the last training step"
    )
    return (
        f"The study searches for an optimizer for the track {track.name}: {track.summary}. "
        f"Its objective is {aim}. Each trial trains the track's model once with another "
        "optimizer; the best one is then compared with the incumbent on held-out instances, "
        "which are drawn after both files are frozen."
    )


def figures(report: Report) -> Sequence[tuple[str, str]]:
    """The numbers to read first, each with its meaning."""
    verdict, found = report.verdict, []
    if verdict and verdict.test:
        count = len(verdict.pairs)
        found += [
            (effect_in_words(verdict), f"compared with {verdict.incumbent}, held-out instances"),
            (f"p = {verdict.test.p:.2g}", f"paired test on {count} held-out instances"),
        ]
    if report.ranked:
        found.append(_official_result(report))
    spent = sum(cost.wall_s for _, cost, _ in report.costs) or report.evaluation_s
    found.append((duration(spent), f"{len(report.trials)} of {report.settings.budget} trials"))
    most = report.study.overrides.max_usd
    if usd := spent_usd(report.study):
        found.append((f"${usd:.2f}", f"spent on models{f', of ${most:g}' if most else ''}"))
    return found


def _official_result(report: Report) -> tuple[str, str]:
    """Of the exact run that was published, else of the best trial."""
    best, metric = report.ranked[0].outcome, report.track.metric
    name = "steps to the target" if report.steps else f"final {metric.name}"
    value = best.steps_to_target if report.steps else best.final
    published = WinnerCurve.of(report.study)
    if published and published.curve:
        curve = published.curve
        value = report.track.steps_to_target(curve) if report.steps else curve[-1][1]
    return "missed" if value is None else number(value), f"{name}, official instance"
