"""What to try next: untried combinations in tiers, with expected value and why."""

from agent.knowledge.ideas import Ideas
from agent.knowledge.prediction import Gain
from agent.knowledge.untried import Idea
from agent.report.section import Section, shown
from agent.report.sections.bounded import table_section

TIERS = {
    1: "Tier 1: a gain on the best, by all of the interval",
    2: "Tier 2: a gain is expected, not by all of the interval or not all measured at this scale",
    3: "Tier 3: no gain is expected, the interval has one",
    4: "Tier 4: better than what it starts from, not than the best",
}
UNUSED = "ideas-unused"
BY_MODEL = ["expected gain", "gain on the best", "95% interval", "chance to be best"]
BY_WORTH = ["gain on the best", "95% interval", "measured worth"]


def untried(data: Ideas, most: int) -> Section:
    """Also where nothing is predicted, to say why."""
    by_model = bool(data.surrogate and data.surrogate.real)
    header = ["change", *(BY_MODEL if by_model else BY_WORTH), "start from", "why"]
    tiers = [
        table_section(
            title,
            "",
            header,
            [_cells(idea) for idea in data.untried if idea.tier == tier],
            shown=most,
        )
        for tier, title in TIERS.items()
    ]
    text = [model_line(data.surrogate)] if data.trials else []
    never = f"{len(data.unused)} that could act on these models: {', '.join(data.unused)}."
    unused = Section(
        UNUSED,
        "Parts that no trial has had",
        [never] if data.unused and data.trials else [],
        brief=False,
    )
    return Section("ideas-untried", "Untried combinations", text, parts=shown(*tiers, unused))


def _cells(idea: Idea) -> list[str]:
    low, high = idea.interval
    gain = [f"{idea.gain:+.3g}", f"[{low:.3g}, {high:.3g}]"]
    if idea.worth is None:
        columns = [f"{idea.value:.3f}", *gain, f"{idea.chance:.0%}"]
    else:
        columns = [*gain, f"{idea.worth:+.3g}"]
    why = "; ".join(idea.why) or "no measurement of these parts"
    return [idea.change, *columns, idea.from_, why]


def model_line(model: Gain | None) -> str:
    by_ablation = (
        "Ranked by what ablations measured of the parts: the sum over the added ones less that "
        "over the lost ones, in the unit of the verdict, as if parts did not interact. The gain on "
        "the best is that, less what the trial to start from is behind the best "
        "result, each of which is one evaluation."
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
        f"{error} ({model.explained:.0%} explained). The gain, in ranks, is on the best seen "
        "combination, and the expected one counts what loses as 0."
    )
