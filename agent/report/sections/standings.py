"""Who stands where on a track, each with the evidence; and how official results read."""

from dataclasses import dataclass

from agent.knowledge.best_so_far import BestSoFar
from agent.knowledge.ideas import Ideas
from agent.knowledge.standings import ORDER, Advantage, Standing
from agent.report.section import Section
from agent.report.sections.bounded import minute, table_section
from agent.verdict.effect import score_text
from agent.verdict.figures import between, figure
from tracks.registry import get_track


@dataclass(frozen=True)
class Results:
    """How the official results of a track read; a score is lower for a better one."""

    data: Ideas

    @property
    def name(self) -> str:
        """Of a column of them."""
        if self.data.objective == "steps":
            return "steps to target"
        return f"final {get_track(self.data.track).metric.name.replace('_', ' ')}"

    def text(self, score: float) -> str:
        track = get_track(self.data.track)
        if self.data.objective == "steps":
            return score_text(score, "steps", track.scales[self.data.scale].max_steps)
        return f"{track.metric.value(score):.6g}"

    def gain(self, record: BestSoFar) -> str:
        """Over the record before."""
        if record.gain is None:
            return "-"
        before = record.score + record.gain
        if self.data.objective == "steps":
            missed = self.text(before) == "missed"
            return "from missed" if missed else f"{figure(record.gain, '.4g')} steps"
        metric = get_track(self.data.track).metric
        if metric.log and record.score > 0:
            return f"{before / record.score:.3g} times lower {metric.loss_name}"
        return f"{record.gain:.4g} {metric.loss_name}"


def standings(data: Ideas, most: int) -> Section:
    """The first of each standing."""
    results, each = Results(data), []
    for standing in ORDER:
        found = [entry for entry in data.leaderboard if entry.standing == standing]
        each += found[:most]
    left_out = len(data.leaderboard) - len(each)
    note = "Confirmed on held-out instances; pending: measured, not yet significant; or refused."
    note += f" {left_out} more: a larger `--top` shows them." if left_out else ""
    rows = [
        [
            entry.name,
            entry.standing,
            results.text(entry.score),
            _official_runs(entry),
            _evidence(entry),
            entry.by,
            minute(entry.date),
        ]
        for entry in each
    ]
    header = ["optimizer", "standing", results.name, "official runs", "evidence", "by", "date"]
    return table_section("Standings", note, header, rows, shown=len(rows))


def _evidence(entry: Standing) -> str:
    """The comparison where there was one, and why it did not confirm."""
    if not entry.advantage:
        return entry.reason
    better = advantage_text(entry.advantage)
    return better if entry.standing == "confirmed" else f"{entry.reason}: {better}"


def _official_runs(entry: Standing) -> str:
    if entry.interval is None:
        return "one evaluation"
    return f"{entry.interval} in {entry.runs} runs with perturbed weights"


def advantage_text(found: Advantage | None) -> str:
    if not found:
        return "not compared"
    bound = "at least " if found.at_least else ""
    return (
        f"{bound}{figure(found.mean)} {found.unit} {between(found.interval)} over {found.over}, "
        f"{found.instances} held-out instances, p = {found.p:.2g}"
    )
