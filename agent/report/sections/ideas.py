"""The running commentary on a track: standings, untried combinations, what does not work."""

from agent.knowledge.ideas import Ideas
from agent.knowledge.surrogate import Gain
from agent.knowledge.untried import Idea
from agent.report.section import Document, Section, Table, shown
from agent.report.tables import number


def ideas_section(data: Ideas) -> Section:
    """All of it as one section; empty where no study has trials made of parts."""
    parts = sections(data) if data.trials else []
    return Section("ideas", title(data), parts=parts, brief=False, folded=True)


def ideas_document(data: Ideas) -> Document:
    """As a report of its own."""
    nothing = f"Nothing yet: `autoresearch run --track {data.track}` begins."
    return Document(title(data), "open", [] if data.studies else [nothing], [], sections(data))


def sections(data: Ideas) -> list[Section]:
    """What `knowledge.ideas` found; empty tables are left out."""
    standings, *history = _winners(data)
    return shown(standings, _untried(data), *_parts(data), *history)


def _winners(data: Ideas) -> list[Section]:
    return [
        _section(
            "Leaderboard",
            "Confirmed on held-out instances; pending: measured, not yet significant; or refused.",
            ["optimizer", "standing", "official", "origin", "why"],
            [
                [e.name, e.standing, number(e.score), e.origin or "-", e.reason]
                for e in data.leaderboard
            ],
        ),
        _section(
            "Adoption",
            "Parts of confirmed winners, and how often an ablation removed them.",
            ["part", "winners", "removed"],
            [
                [row.part, f"{row.winners} of {row.of}", str(row.taken_out)]
                for row in data.adoption[:12]
            ],
        ),
        _section(
            "Records",
            "Confirmed results that were the best of this workspace at their date.",
            ["date", "optimizer", "official", "study", "origin"],
            [
                [row.date, row.name, number(row.score), row.study, row.origin or "-"]
                for row in data.records
            ],
        ),
    ]


def _parts(data: Ideas) -> list[Section]:
    return [
        _section(
            "What does not work",
            "Parts that an ablation found redundant or harmful, and parts of no good trial.",
            ["part", "evidence"],
            [[row.part, row.evidence] for row in data.negative],
        ),
        _section(
            "Interactions",
            "Measured pairs: above zero one stands in for the other, below they need each other.",
            ["part", "and", "interaction", "study"],
            [
                [*row.parts, f"{row.interaction:+.4g} {row.unit}", row.study]
                for row in data.interactions
            ],
        ),
        _section(
            "Surveyed techniques",
            "Techniques that a survey found; stacked: the trials that they joined improved.",
            ["bucket", "technique", "part", "claimed", "source", "stacked"],
            [
                [
                    row.bucket,
                    row.name,
                    row.part or "needs a new part",
                    row.claimed_gain or "-",
                    row.source,
                    f"{row.stacked} of {row.composed}" if row.composed else "not tried",
                ]
                for row in data.elsewhere
            ],
        ),
    ]


def _section(title: str, note: str, header: list[str], rows: list[list[str]]) -> Section:
    key = title.lower().replace(" ", "-")
    return Section(key, title, table=Table(header, rows), notes=[note])


def _untried(data: Ideas) -> Section:
    """Also where nothing is predicted, to say why."""
    model = data.surrogate
    columns = ["measured worth"]
    if model and model.real:
        columns = ["predicted rank", "chance to be best", "expected gain"]
    rows = [_untried_cells(idea) for idea in data.untried]
    table = Table(["start from", "change", *columns], rows)
    text = [model_line(model)] if data.trials else []
    return Section("untried", "Untried combinations", text, table=table)


def _untried_cells(idea: Idea) -> list[str]:
    start = [idea.from_, idea.change]
    if idea.worth is not None:
        return [*start, f"{idea.worth:.3g}"]
    rank, chance = f"{idea.rank:.2f} +- {idea.std:.2f}", f"{idea.chance:.0%}"
    return [*start, rank, chance, f"{idea.value:.3f}"]


def title(data: Ideas) -> str:
    count = len(data.studies)
    studies = "one study" if count == 1 else f"{count} studies"
    return (
        f"Ideas for {data.track} (scale {data.scale}): trials made of parts: "
        f"{data.trials} of {studies}"
    )


def model_line(model: Gain | None) -> str:
    by_ablation = (
        "Ranked by what ablations measured of the parts: the sum over the added ones less that "
        "over the lost ones, in the unit of the verdict."
    )
    if model is None:
        return f"Too few trials for a model of parts: ten are needed. {by_ablation}"
    error = (
        f"from {model.trials} trials, is off by {model.error:.2f} in nested "
        f"cross-validation, the mean by {model.spread:.2f}"
    )
    if not model.real:
        return f"No predictions: a linear model of parts and pairs, {error}. {by_ablation}"
    return (
        "Ranks go from 0, the best of a study, to 1. A linear model of parts and pairs, "
        f"{error} ({model.explained:.0%} explained). Chance and gain, in ranks, are compared "
        "with the best seen combination."
    )
