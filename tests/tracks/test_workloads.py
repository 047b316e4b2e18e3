"""Workloads: fresh data, sizes and students from other seeds, and a loss that can be trained."""

import math
import random

import pytest
import torch

from tracks.base import Data
from tracks.instance import Seeds, drawn_instance
from tracks.registry import UnknownTrackError, all_tracks, find_track, get_track, workloads
from tracks.workload import LONGEST, PACKAGES, Workload, require_packages

EVERY = [pytest.param(it, id=it.name) for it in workloads()]


def seeds(text: str) -> Seeds:
    return drawn_instance("any", text).seeds


@pytest.fixture(scope="module")
def data() -> dict[str, Data]:
    return {it.name: it.data(seeds("one"), "full") for it in workloads()}


def test_there_are_at_least_eight_of_different_kinds() -> None:
    assert len(workloads()) >= 8
    assert len({it.name for it in workloads()} | set(all_tracks())) == len(workloads()) + len(
        all_tracks()
    )
    for workload in workloads():
        assert get_track(workload.name) is workload
        assert 2 <= workload.length <= LONGEST


@pytest.mark.parametrize("workload", EVERY)
def test_other_seeds_give_other_data_students_and_orders(
    workload: Workload, data: dict[str, Data]
) -> None:
    one, same, other = data[workload.name], *(workload.data(seeds(s), "full") for s in ("one", "2"))
    for ours, equal, different in zip(one, same, other, strict=True):
        assert torch.equal(ours, equal)
        assert ours.shape == different.shape
        assert not torch.equal(ours, different)
    students = [
        torch.cat([p.flatten() for p in workload.student(seeds(s), "full").parameters()])
        for s in ("one", "2")
    ]
    assert not torch.equal(*students)


@pytest.mark.parametrize("workload", EVERY)
def test_the_size_of_a_student_is_drawn(workload: Workload) -> None:
    def size(text: str) -> list[int]:
        model = workload.student(seeds(text), "full")
        # heads change no shape
        heads = [getattr(module, "heads", 0) for module in model.modules()]
        return [*heads, *(p.numel() for p in model.parameters())]

    assert len({tuple(size(str(draw))) for draw in range(12)}) > 1


@pytest.mark.parametrize("workload", EVERY)
def test_adamw_trains_it(workload: Workload, data: dict[str, Data]) -> None:
    given, model = data[workload.name], workload.student(seeds("one"), "full")

    def measured() -> float:
        model.eval()
        with torch.no_grad():
            return workload.measure(model, given.eval_inputs, given.eval_targets)

    optimizer, before = torch.optim.AdamW(model.parameters(), 5e-3), measured()
    for rows in given.batch_indices[:60]:
        model.train()
        optimizer.zero_grad()
        loss = workload.loss(model, given.train_inputs[rows], given.train_targets[rows])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert math.isfinite(before)
    assert measured() < before


def test_training_and_evaluation_share_no_sample(
    data: dict[str, Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    # indentation and phrases repeat in any code, random bytes do not
    text = random.Random(1).randbytes(20_000)
    monkeypatch.setattr("tracks.workloads.text.code", lambda: text)
    code = get_track("code_gpt").data(seeds("one"), "full")
    for name, given in (data | {"code_gpt": code}).items():
        read, unseen = (
            {tuple(row.flatten().tolist()) for row in part}
            for part in (given.train_inputs, given.eval_inputs)
        )
        assert not read & unseen, name


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    require_packages()
    monkeypatch.setattr("tracks.workload.find_spec", lambda name: None)
    with pytest.raises(Exception, match=rf"{PACKAGES[0]} is not installed: pip install .*transfer"):
        require_packages()


def test_a_workload_is_not_offered_as_a_track() -> None:
    from agent.cli.options import known_track
    from agent.study.errors import UserError

    assert find_track("mlp")
    with pytest.raises(UserError, match="no track named 'mlp'"):
        known_track("mlp")
    with pytest.raises(UnknownTrackError):
        get_track("mlp2")
