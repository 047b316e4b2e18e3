"""kill -9 of every process in every stage: nothing is lost, doubled, changed or left behind."""

import threading
from pathlib import Path

import pytest

from faults.campaign import Kill, Study, Tally, run_campaign

pytestmark = pytest.mark.processes

AT_ONCE = 2
"""Studies beside each other, for two cores."""


def test_some_kills_lose_nothing(tmp_path: Path) -> None:
    tally = Tally()
    kills = [
        Kill("trainer", "search", 0.0),
        Kill("coordinator", "confirm", 0.1),
        Kill("coordinator", "publish", 0.2),
    ]
    Study(tmp_path / "study", tally, ["--no-transfer"]).run(kills)
    print(tally.table())
    assert not tally.faults, tally.table()
    assert tally.kills.total() >= 1, "most kills came too late"


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_the_long_campaign(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    kills = request.config.getoption("--kills")
    seed = request.config.getoption("--kills-seed")
    tally = Tally()
    shares = [kills // AT_ONCE + (number < kills % AT_ONCE) for number in range(AT_ONCE)]
    threads = [
        threading.Thread(
            target=run_campaign, args=(tmp_path, AT_ONCE * seed + number, share, tally)
        )
        for number, share in enumerate(shares)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{tally.table()}")
    assert not tally.faults
