"""The bandit: which proposer gets the next trial, by its success rate."""

from agent.proposers.bandit import choose, payoffs
from agent.study.records import FinishedTrial, Origin, Outcome, ProposalRecord, Status
from tracks.evaluation import State


def test_the_bandit_goes_to_what_pays_and_comes_back() -> None:
    pays, does_not = [True] * 8, [False] * 8
    drawn = [choose({"llm": pays, "sampled": does_not}, 0, n) for n in range(200)]
    assert drawn.count("llm") > 180
    turned = [choose({"llm": pays + [False] * 20, "sampled": does_not}, 0, n) for n in range(200)]
    assert turned.count("llm") < 130
    fair = [choose({"llm": [], "sampled": []}, 7, n) for n in range(200)]
    assert 70 < fair.count("llm") < 130
    assert drawn == [choose({"llm": pays, "sampled": does_not}, 0, n) for n in range(200)]


def test_what_pays_is_in_the_best_quarter_of_what_was_complete_by_then() -> None:
    values = [("recipe", 5.0), ("llm", 6.0), ("llm", 4.0), ("sampled", None), ("sampled", 4.5)]
    trials = [
        FinishedTrial(
            number=number,
            status=Status.FINISHED,
            proposal=ProposalRecord(origin=Origin(origin), label="", digest="", spec=None),
            outcome=Outcome(state=State.CRASH if value is None else State.COMPLETE),
            value=value,
        )
        for number, (origin, value) in enumerate(values)
    ]
    paid = payoffs(trials, (Origin.LLM, Origin.SAMPLED))
    assert paid == {"llm": [False, True], "sampled": [False, False]}
