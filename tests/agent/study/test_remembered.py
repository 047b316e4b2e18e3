"""What is learned from in a long study: the best and the latest trials."""

from agent.study.remembered import REMEMBERED, remembered


def test_a_long_history_is_its_best_and_its_latest() -> None:
    values = [9.0, 1.0, 8.0, 7.0, 6.0, 5.0]
    assert remembered(values, float, 4) == [1.0, 7.0, 6.0, 5.0]
    assert remembered(values, float, 6) == values


def test_nothing_is_forgotten_before_the_bound() -> None:
    values = [float(-number) for number in range(REMEMBERED + 1)]
    assert remembered(values[1:], float) == values[1:]
    assert remembered(values, float) == values[1:]
