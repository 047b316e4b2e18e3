"""The changelog of records: when the best changed, by what, by how much, and what was added."""

from collections.abc import Sequence
from datetime import datetime
from itertools import dropwhile

from agent.knowledge.best_so_far import BestSoFar
from agent.knowledge.ideas import Ideas
from agent.knowledge.standings import NO_STUDY
from agent.report.charts import Chart, Plot, Point, Series
from agent.report.section import Section, shown
from agent.report.sections.bounded import minute, table_section
from agent.report.sections.standings import Results, advantage_text
from tracks.registry import get_track

UNITS = (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0))


def records(data: Ideas, most: int) -> Section:
    """The changelog: confirmed records, then the best single evaluations; the latest first."""
    confirmed = _changes(
        "Confirmed records",
        "Confirmed results that were the best at their date. Better by: on held-out instances.",
        data,
        data.records,
        most,
    )
    single = _changes(
        "Best single evaluations",
        "Each is one evaluation on the official instance, of any standing: a change of the best, "
        "not a proof.",
        data,
        data.evaluations,
        most,
    )
    # a submission from before the studies would stretch the axis over days without a result
    found = list(dropwhile(lambda record: record.study == NO_STUDY, data.evaluations))
    drawn = [_chart(data, found)] if len(found) > 1 else []
    return Section(
        "ideas-changelog", "Changelog of records", charts=drawn, parts=shown(confirmed, single)
    )


def _changes(title: str, note: str, data: Ideas, found: Sequence[BestSoFar], most: int) -> Section:
    results, compared = Results(data), any(record.advantage for record in found)
    rows = [
        [
            minute(record.date),
            record.name,
            results.text(record.score),
            results.gain(record),
            record.before or "the first",
            *([advantage_text(record.advantage)] if compared else []),
            _change(record),
            record.by,
        ]
        for record in reversed(found)
    ]
    better = ["better by"] if compared else []
    header = ["date", "optimizer", results.name, "gain", "over", *better, "what changed", "by"]
    return table_section(title, note, header, rows, shown=most)


def _change(record: BestSoFar) -> str:
    if record.added is None or record.dropped is None:
        return "code, whose parts are not known"
    marks = [f"+ {part}" for part in record.added] + [f"- {part}" for part in record.dropped]
    return ", ".join(marks) or "the same parts, other numbers"


def _chart(data: Ideas, evaluations: Sequence[BestSoFar]) -> Chart:
    """The best single evaluation by time, with the confirmed records."""
    metric, steps = get_track(data.track).metric, data.objective == "steps"
    start = _moment(evaluations[0])
    confirmed = [record for record in data.records if _moment(record) >= start]
    last = max(_moment(record) for record in (*evaluations, *confirmed))
    span = (last - start).total_seconds()
    unit, size = next((one for one in UNITS if span >= 2 * one[1]), UNITS[-1])

    def at(moment: datetime) -> float:
        return (moment - start).total_seconds() / size

    path: list[Point] = []
    for record in evaluations:
        path += [(at(_moment(record)), path[-1][1])] if path else []
        path.append((at(_moment(record)), record.score))
    path.append((at(last), path[-1][1]))
    dots = [(at(_moment(record)), record.score) for record in confirmed]
    tips = [f"{record.name}: {record.score:.6g}" for record in confirmed]
    series = [Series("best single evaluation", path, "best")]
    series += [Series("confirmed record", dots, "helpful", tips)] if dots else []
    name = "steps to the target" if steps else f"final {metric.signed_loss_name}"
    title = f"Best {name} by time; lower is better"
    return Plot(title, f"{unit} since the first", name, series, log=metric.log and not steps)


def _moment(record: BestSoFar) -> datetime:
    return datetime.fromisoformat(record.date)
