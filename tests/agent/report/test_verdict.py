"""What the section of a verdict says of its runs."""

from agent.report.sections.verdict import verdict_section
from helpers.made_up import compared


def test_a_verdict_says_that_its_last_digits_are_not_those_of_an_official_result() -> None:
    for track, objective, said in (
        ("random_teacher", "final", True),
        ("random_teacher", "steps", False),
        ("tiny_lm", "final", False),
    ):
        found = compared(
            [1.0, 2.0, 1.5], [9.0, 8.0, 9.5], track=track, objective=objective, level=0.001
        )
        notes = " ".join(verdict_section(found, "evidence.json").notes)
        assert ("Their gradients are closed-form" in notes) == said, track
