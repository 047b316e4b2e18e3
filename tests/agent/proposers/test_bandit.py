"""The bandit: which proposer gets the next trial, by its success rate."""

from agent.proposers.bandit import Arm, choose, payoffs
from agent.study.records import FinishedTrial, Origin, Outcome, ProposalRecord, Status
from tracks.evaluation import State

LLM, SAMPLED = Arm(Origin.LLM, "m"), Arm(Origin.SAMPLED)


def test_the_bandit_goes_to_what_pays_and_comes_back() -> None:
    pays, does_not = [True] * 8, [False] * 8
    drawn = [choose({LLM: pays, SAMPLED: does_not}, {}, 0, n) for n in range(200)]
    assert drawn.count(LLM) > 180
    turned = [choose({LLM: pays + [False] * 20, SAMPLED: does_not}, {}, 0, n) for n in range(200)]
    assert turned.count(LLM) < 130
    fair = [choose({LLM: [], SAMPLED: []}, {}, 7, n) for n in range(200)]
    assert 70 < fair.count(LLM) < 130
    assert drawn == [choose({LLM: pays, SAMPLED: does_not}, {}, 0, n) for n in range(200)]


def test_of_equal_sources_the_cheaper_one_is_asked_more_often() -> None:
    other = Arm(Origin.LLM, "n")
    pays = [True, False] * 8
    # three times a trial's part of the money against nothing
    drawn = [choose({LLM: pays, other: pays}, {LLM: 3.0}, 0, n) for n in range(200)]
    assert drawn.count(other) > 190
    # one that costs little beside what is left is not put off
    drawn = [choose({LLM: pays, other: pays}, {LLM: 0.01}, 0, n) for n in range(200)]
    assert 70 < drawn.count(LLM) < 130
    # a better one is worth its price
    drawn = [choose({LLM: [True] * 8, other: [False] * 8}, {LLM: 1.0}, 0, n) for n in range(200)]
    assert drawn.count(LLM) > 150


def test_what_pays_is_in_the_best_quarter_of_what_was_complete_by_then() -> None:
    values = [("recipe", 5.0), ("llm", 6.0), ("llm", 4.0), ("sampled", None), ("sampled", 4.5)]
    trials = [
        FinishedTrial(
            number=number,
            status=Status.FINISHED,
            model="m" if origin == "llm" else "",
            proposal=ProposalRecord(origin=Origin(origin), label="", digest="", spec=None),
            outcome=Outcome(state=State.CRASH if value is None else State.COMPLETE),
            value=value,
        )
        for number, (origin, value) in enumerate(values)
    ]
    paid = payoffs(((Arm.of(one), one.value) for one in trials), (LLM, SAMPLED))
    assert paid == {LLM: [False, True], SAMPLED: [False, False]}
