"""The study of track 3: its analysis on made-up results, and its adapter on a made-up script."""

import ast
import math
from pathlib import Path

import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor

from track3.adapt import Change, adapted
from track3.analysis import (
    Result,
    between_instances,
    fewest_steps,
    free_norms,
    held_out,
    interval,
    once_a_family,
    ordered,
    read_results,
    spearman,
    tables,
    write_figures,
)
from track3.entries import Facts
from track3.model import Student
from track3.records import Entry, entries
from track3.runs import MULTIPLIERS, RESULTS, TUNING, Run, best_multipliers, losses
from track3.stage import first_updates, run
from tracks.instance import drawn_instance
from tracks.registry import get_track

SCRIPT = """
import os, sys
import torch
from torch import nn
import torch.distributed as dist
with open(sys.argv[0]) as f:
    code = f.read()
device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
torch.cuda.set_device(device)
def print0(text):
    raise RuntimeError("the log is not written")
class GPT(nn.Module):
    pass
mbs = 64
val_inputs, val_targets = next(distributed_data_generator("val_*.bin", 1))
model = GPT(vocab_size=50304).cuda()
model.compile(dynamic=False)
train_steps = 3000
print0(code)
for p in model.parameters():
    p.data.zero_()
optimizer = torch.optim.SGD(model.parameters(), lr=LR)
for group in optimizer.param_groups:
    group["initial_lr"] = group["lr"]
loader = distributed_data_generator("train_*.bin", 1)
for step in range(train_steps + 1):
    if step % 125 == 0 or step == train_steps:
        model.eval()
        with torch.no_grad():
            model(val_inputs[:mbs], val_targets[:mbs])
        model.train()
    if step == train_steps:
        break
    inputs, targets = next(loader)
    assert len(inputs) % mbs == 0
    model(inputs, targets).backward()
    dist.all_reduce(p.grad, op=dist.ReduceOp.SUM)
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * (1 - step / train_steps)
    optimizer.step()
    model.zero_grad(set_to_none=True)
"""


def result(number: int, steps: int, bits: float, family: str = "") -> Result:
    return Result(number, f"result {number}", steps, family, number == 2, 1.0, {"quarter": [bits]})


def test_rank_correlation_agrees_with_scipy_and_puts_divergence_last() -> None:
    there, here = [1.0, 2.0, 2.0, 5.0, 7.0], [3.0, 1.0, 4.0, 4.0, 9.0]
    assert spearman(there, here) == pytest.approx(spearmanr(there, here).statistic)
    assert spearman([1.0, 2.0, 3.0], [0.1, 0.2, math.inf]) == pytest.approx(1.0)
    assert spearman([1.0, 2.0, 3.0], [0.1, math.inf, math.inf]) == pytest.approx(3**0.5 / 2)
    assert math.isnan(spearman([1.0, 2.0], [3.0, 3.0]))


def test_the_interval_narrows_around_a_perfect_order_and_contains_none() -> None:
    numbers = [float(n) for n in range(20)]
    assert interval(numbers, numbers) == pytest.approx((1.0, 1.0))
    mixed = [numbers[7 * n % 20] for n in range(20)]
    low, high = interval(numbers, mixed)
    assert low < spearman(numbers, mixed) < high
    assert high - low > 0.5


def test_groups_of_results() -> None:
    results = [result(n, 100 * n, 1.0, "a" if n < 4 else "") for n in range(1, 8)]
    assert [r.number for r in once_a_family(results)] == [1, 4, 5, 6, 7]
    assert [r.number for r in fewest_steps(results)] == [1, 2, 3, 4]
    assert [r.number for r in free_norms(results)] == [1, 3, 4, 5, 6, 7]
    assert len(held_out([result(n, n, 1.0) for n in range(1, 47)])) == 23


def test_pairs_count_where_the_distance_is_in_range_and_a_tie_is_no_order() -> None:
    results = [result(1, 100, 2.0), result(2, 101, 1.0), result(3, 200, 3.0), result(4, 200, 3.0)]
    assert ordered(results, "quarter", 0.0, 0.02) == (0, 1)
    assert ordered(results, "quarter", 0.5, math.inf) == (4, 4)
    assert ordered([result(1, 100, 2.0), result(2, 200, 2.0)], "quarter", 0.5, math.inf) == (0, 1)


def runs_of(entry: int, best: float) -> list[Run]:
    tuning = [
        Run(entry, "quarter", m, TUNING, None if m > best else 1 + abs(m - best), 1.0)
        for m in MULTIPLIERS
    ]
    measured = [
        Run(entry, scale, best, instance, entry + 0.5 * n, 1.0)
        for scale, instances in RESULTS.items()
        for n, instance in enumerate(instances)
    ]
    return tuning + measured


def test_the_step_size_is_chosen_by_complete_tuning_alone() -> None:
    assert best_multipliers(runs_of(1, 0.5) + runs_of(2, 4.0)) == {1: 0.5, 2: 4.0}
    assert best_multipliers(runs_of(1, 0.5)[1:]) == {}
    diverged = [Run(1, "quarter", m, TUNING, None, 1.0) for m in MULTIPLIERS]
    assert best_multipliers(diverged) == {1: 1.0}


def test_losses_are_those_of_the_results_and_a_diverged_one_is_infinite() -> None:
    runs = [Run(1, "quarter", 1.0, i, 2.0, 1.0) for i in RESULTS["quarter"]]
    assert losses([*runs, *runs_of(1, 1.0)[:5]], "quarter") == {1: [2.0, 2.0, 2.0]}
    assert losses(runs[1:], "quarter") == {}
    runs[0] = Run(1, "quarter", 1.0, RESULTS["quarter"][0], None, 1.0)
    assert losses(runs, "quarter") == {1: [math.inf, 2.0, 2.0]}


def test_figures_are_read_as_they_were_written(tmp_path: Path) -> None:
    facts, figures = tmp_path / "results.csv", tmp_path / "figures.csv"
    facts.write_text(
        "number,name,steps,family,norms\n1,One,10,,\n2,Two,20,a,fixed\n3,Three,30,a,\n"
    )
    write_figures(runs_of(1, 1.0) + runs_of(2, 0.5) + runs_of(3, 2.0), figures)
    found = read_results(facts, figures)
    two = found[1]
    assert (two.name, two.multiplier, two.fixes_norms) == ("Two", 0.5, True)
    assert two.losses == {"quarter": [2.0, 2.5, 3.0], "half": [2.0, 2.5, 3.0], "full": [2.0]}
    assert between_instances(found, "half") == pytest.approx([1.0, 1.0, 1.0])
    assert "| all | 3 | 1.00 [1.00, 1.00] |" in tables(found)
    assert "Between `quarter` and `full`: 1.00." in tables(found)
    assert "| 2 | Two | 20 (2) | x0.5 | 2.5000 (2) |" in tables(found)


def test_numbers_of_steps_become_fractions_and_the_rest_stays() -> None:
    source = """
def warm(x, warmup_steps=300, scale=300): pass
TAU, END_STEP = 0, 0
end_step = int(os.environ.get("END_STEP", "1500"))
ns_steps = 12
width = 768
x_power_c = 2.0
wrapped = Outer(rest_steps=train_steps - 750, width=768)
grad = grad / (8 * 64 * 1024)
y = x.bfloat16().to(torch.bfloat16)
"""
    text = ast.unparse(adapted(source, Change(0.1, 4.0, {"width": 8, "8 * 64 * 1024": 512})))
    assert "warmup_steps=30, scale=300" in text
    assert "'END_STEP', '150'" in text
    assert "ns_steps = 12" in text
    assert "width = 8\n" in text
    assert "grad = grad / 512\n" in text
    assert "rest_steps=train_steps - 75, width=8" in text
    assert f"x_power_c = 2.0 * {4.0 * 0.1**-1.2}" in text
    assert "y = x.to(torch.float32, copy=True).to(torch.float32, copy=True)" in text


def entry(tmp_path: Path, lr: float) -> Entry:
    path = tmp_path / "script.txt"
    path.write_text(SCRIPT.replace("LR", str(lr)) + "=" * 80 + "\nstep:0\n")
    return Entry(1, 3000, Facts(), path, tmp_path)


def plain_loop(lr: float, drawn_from: str) -> float:
    track, instance = get_track("tiny_lm"), drawn_instance("tiny_lm", drawn_from, "tiny")
    data, model = track.data(instance.seeds, "tiny"), track.student(instance.seeds, "tiny")
    optimizer = torch.optim.SGD(model.parameters(), lr)
    steps = len(data.batch_indices)
    for step, rows in enumerate(data.batch_indices):
        optimizer.zero_grad()
        inputs, targets = data.train_inputs[rows], data.train_targets[rows]
        (targets.numel() * track.loss(model, inputs, targets)).backward()
        optimizer.param_groups[0]["lr"] = lr * (1 - step / steps)
        optimizer.step()
    with torch.no_grad():
        return track.measure(model, data.eval_inputs, data.eval_targets)


def test_an_adapted_script_trains_as_a_plain_loop_does(tmp_path: Path) -> None:
    measured = run(entry(tmp_path, 0.002), "tiny", 0.5, "seed:test")
    assert measured == pytest.approx(plain_loop(0.001, "seed:test"), rel=1e-5)
    assert measured != pytest.approx(plain_loop(0.002, "seed:test"), rel=1e-3)


def test_a_run_whose_loss_is_not_finite_has_diverged(tmp_path: Path) -> None:
    assert run(entry(tmp_path, 1e20), "tiny", 1.0, "seed:test") == math.inf


def test_the_first_updates_are_those_of_the_script(tmp_path: Path) -> None:
    one, other = (first_updates(entry(tmp_path, 0.01), "tiny", adapted=a) for a in (True, False))
    # its step size falls in 30 steps, or in 3000
    for name, update in one.items():
        assert 0.97 < (update.norm() / other[name].norm()).item() < 1.0


def test_the_student_computes_what_the_tracks_does() -> None:
    track, instance = get_track("tiny_lm"), drawn_instance("tiny_lm", "seed:test", "half")
    bare, data = track.student(instance.seeds, "half"), track.data(instance.seeds, "half")
    student = Student(track, bare, data, mean=False)  # type: ignore[arg-type]
    tokens: Tensor = data.eval_inputs[:4].long()
    torch.testing.assert_close(student.logits(tokens), bare(tokens))
    assert sum(p.numel() for p in student.parameters()) == sum(p.numel() for p in bare.parameters())


def test_a_clone_is_read_by_its_table(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "| # | Steps |\n"
        "| 7 | 3325(!) | 3.27 (n=1) | A (x | y) rule | 2026/04/29 | [log](results/a.txt) |\n"
        "| 46 | 2690 | 3.28 (n=8) | Last | 2026/06/19 | [log](results/b.txt) | [PR](c) |\n"
    )
    found = entries(tmp_path)
    assert [(e.number, e.steps, e.path.name) for e in found] == [
        (7, 3325, "a.txt"), (46, 2690, "train_gpt_cwd_SOTA.py"),
    ]  # fmt: skip
