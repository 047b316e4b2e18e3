"""The running commentary as sections: a title, a sentence and a table each."""

from typing import Any, NamedTuple

from agent.report.tables import number, table

LITTLE = 0.1
"""Share of the variance below which a model is not to be relied on."""

UNTRIED = "Untried combinations"


class Section(NamedTuple):
    title: str
    text: str
    header: list[str]
    rows: list[list[str]]


def sections(data: dict[str, Any]) -> list[Section]:
    """What `knowledge.ideas` found, laid out for any renderer; empty tables are left out."""
    made = [
        Section(
            "Leaderboard",
            "Confirmed on fresh instances; pending: measured, not yet significant; or refused.",
            ["optimizer", "standing", "official", "origin", "why"],
            [
                [e["name"], e["standing"], number(e["score"]), e["origin"] or "-", e["reason"]]
                for e in data["leaderboard"]
            ],
        ),
        Section(
            UNTRIED,
            model_line(data["surrogate"]),
            ["start from", "change", "predicted rank", "chance to be best", "expected gain"],
            [
                [
                    idea["from"],
                    idea["change"],
                    f"{idea['rank']:.2f} +- {idea['std']:.2f}",
                    f"{idea['chance']:.0%}",
                    f"{idea['value']:.3f}",
                ]
                for idea in data["untried"]
            ],
        ),
        Section(
            "What does not work",
            "Parts that a winner does as well without, and parts that no good trial had.",
            ["part", "evidence"],
            [[row["part"], row["evidence"]] for row in data["negative"]],
        ),
        Section(
            "Interactions",
            "Measured pairs: above zero one stands in for the other, below they need each other.",
            ["part", "and", "interaction", "study"],
            [
                [*row["parts"], f"{row['interaction']:+.4g} {row['unit']}", row["study"]]
                for row in data["interactions"]
            ],
        ),
        Section(
            "From elsewhere",
            "Techniques that a survey found; stacked: what they joined became better.",
            ["bucket", "technique", "part", "claimed", "source", "stacked"],
            [
                [
                    row["bucket"],
                    row["name"],
                    row["part"] or "needs a new part",
                    row["claimed_gain"] or "-",
                    row["source"],
                    f"{row['stacked']} of {row['composed']}" if row["composed"] else "not tried",
                ]
                for row in data["elsewhere"]
            ],
        ),
        Section(
            "Adoption",
            "Parts of confirmed winners, and how often an ablation took them out again.",
            ["part", "winners", "taken out"],
            [
                [row["part"], f"{row['winners']} of {row['of']}", str(row["taken_out"])]
                for row in data["adoption"][:12]
            ],
        ),
        Section(
            "Records",
            "Confirmed results that were the best of this workspace when they came.",
            ["date", "optimizer", "official", "study", "origin"],
            [
                [row["date"], row["name"], number(row["score"]), row["study"], row["origin"]]
                for row in data["records"]
            ],
        ),
    ]
    return [section for section in made if _worth_showing(section, data)]


def _worth_showing(section: Section, data: dict[str, Any]) -> bool:
    return bool(section.rows) or (section.title == UNTRIED and data["trials"] > 0)


def title(data: dict[str, Any]) -> str:
    count = len(data["studies"])
    studies = "one study" if count == 1 else f"{count} studies"
    return (
        f"Ideas for {data['track']} (scale {data['scale']}): trials made of parts: "
        f"{data['trials']} of {studies}"
    )


def model_line(model: dict[str, Any] | None) -> str:
    if model is None:
        return "Too few trials to predict from: ten with parts are needed."
    return (
        "Ranks go from 0, the best of a study, to 1. A linear model of parts and pairs, from "
        f"{model['trials']} trials, is off by {model['error']:.2f} in cross-validation, where "
        f"always saying the mean is off by {model['spread']:.2f} "
        f"({max(0.0, model['explained']):.0%} explained). Expected gain is in ranks, below the "
        "best that the model knows."
        + ("" if model["explained"] > LITTLE else " It explains too little to rely on: try widely.")
    )


def markdown(data: dict[str, Any], level: int = 1) -> str:
    """The title as a heading of this level, and below it the sections."""
    parts = [f"{'#' * level} {title(data)}"]
    for section in sections(data):
        heading = f"{'#' * (level + 1)} {section.title}"
        parts += [heading, section.text]
        parts += [table(section.header, section.rows)] if section.rows else []
    return "\n\n".join(parts) + "\n"
