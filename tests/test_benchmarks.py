"""What the search benchmark makes of its trials."""

from search import best_so_far, plot, reached, report
from tracks.registry import get_track


def result(way: str, seed: int, *scores: float | None) -> dict:  # type: ignore[type-arg]
    trials = [{"seconds": 10.0 * n, "score": score} for n, score in enumerate(scores, 1)]
    return {"way": way, "seed": seed, "trials": trials, "confirmed": [5.0, 7.0, None]}


def test_a_level_is_reached_by_the_first_trial_at_or_below_it() -> None:
    assert best_so_far(result("tpe", 0, None, 9.0, 9.5, 4.0)["trials"]) == [
        (20.0, 2, 9.0),
        (40.0, 4, 4.0),
    ]
    searches = [result("tpe", 0, None, 9.0, 4.0), result("tpe", 1, 3.0), result("tpe", 2, 99.0)]
    assert reached(searches, 5.0) == "30 s, 3 trials (2/3)"
    assert reached(searches, 3.5) == "- (1/3)"


def test_the_table_and_the_plot_have_every_way(tmp_path) -> None:  # type: ignore[no-untyped-def]
    searches = [result("ladder", 0, 3.0), result("tpe", 0, None, 200.0)]
    text = report(get_track("mqar"), searches, [100.0], 0.5)
    assert "| ladder | 2.0 | 10 s, 1 trials (1/1) | 7 |" in text
    assert "| tpe | 4.0 | - (0/1) | 7 |" in text
    plot(get_track("mqar"), searches, 30.0, tmp_path / "plot.svg")
    assert "tpe" in (tmp_path / "plot.svg").read_text()
