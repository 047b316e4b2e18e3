"""A track in a file of the user's own: found, completed, measured, and refused with one line."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from helpers import ROOT, sources
from helpers.own_track import MINIMAL, written
from tracks import registry
from tracks.base import Metric, Scale, Track, TrackSource
from tracks.evaluation import State
from tracks.instance import drawn_instance, official_instance
from tracks.isolation import data_cache, watch
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.limits import Limits
from tracks.procedure import Procedure, official_procedure, search_procedure
from tracks.registry import add_file, find_track, get_track, require_loaded
from tracks.submission import Submission
from tracks.track_file import TrackError, ladder_of, load

EXAMPLES = sorted((ROOT / "docs" / "tracks").glob("*.py"))


def setting(line: str) -> str:
    """The minimal track with another line at its end."""
    return f"{MINIMAL}\n    {line}\n"


def test_the_rest_of_a_minimal_track_has_defaults(tmp_path: Path) -> None:
    track = find_track(str(written(tmp_path, MINIMAL)))
    assert get_track("line") is track
    assert (track.name, track.summary, track.objective) == ("line", "fit a line", "final")
    assert (track.metric, track.target) == (Metric("loss"), None)
    assert track.eval_every == {"final": 10, "steps": 2}
    assert track.scales["small"] == Scale(4, 4, 8, 2)
    assert [proxy.scale for proxy in ladder_of(track, "full")] == ["quarter", "half"]
    assert (track.scales["quarter"].max_steps, track.proxies) == (10, {})
    assert not track.meets(0.0)


@pytest.mark.processes
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_can_be_measured_and_held_out_instances_differ(file: Path) -> None:
    track = add_file(file)
    procedure = official_procedure(track, "final")
    instances = [official_instance(track.name, "small"), drawn_instance(track.name, "a", "small")]
    with Launcher() as launcher:
        found = [
            evaluate(Submission(sources.GRADIENT_DESCENT), one, launcher, procedure=procedure)
            for one in instances
        ]
    assert all(one.complete for one in found), [one.reason for one in found]
    assert found[0].curve != found[1].curve
    assert found[0].max_steps == track.scales["small"].max_steps
    assert len(file.read_text().splitlines()) < 80, "a track is a page"


@pytest.mark.processes
def test_a_track_may_import_the_files_beside_it(tmp_path: Path) -> None:
    written(tmp_path, "FACTOR = 2\n", "line_factor.py")
    text = MINIMAL.replace("import torch\n", "import torch\nfrom line_factor import FACTOR\n")
    add_file(written(tmp_path, text.replace("2 * ", "FACTOR * ")))
    with Launcher() as launcher:
        instance = official_instance("line")
        submission = Submission(sources.GRADIENT_DESCENT)
        assert evaluate(submission, instance, launcher, procedure=Procedure(40)).complete


@pytest.mark.processes
@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("return Data(x,", "return Data(x @ x,", 13, "RuntimeError: "),
        ("torch.nn.Linear(1, 1)", "torch.nn.Linear(2, 1)", 20, "RuntimeError: "),
        (".item()", ".items()", 23, "AttributeError: 'Tensor' object has no attribute 'items'"),
    ],
)
def test_what_a_track_does_wrong_names_its_line(
    tmp_path: Path, before: str, after: str, line: int, said: str
) -> None:
    file = written(tmp_path, MINIMAL.replace(before, after))
    add_file(file)
    submission, instance = Submission(sources.GRADIENT_DESCENT), official_instance("line")
    with Launcher() as launcher, pytest.raises(TrackError) as error:
        evaluate(submission, instance, launcher, procedure=Procedure(40))
    assert str(error.value).startswith(f"{file}:{line}: {said}")
    assert "\n" not in str(error.value)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (".item()", "", "measure gives a tensor of shape []; expected a float; add .item()"),
        ("return self.loss(model, inputs, targets).item()", "pass", "measure gives nothing"),
        ("** 2).mean()", "** 2)", "loss gives a tensor of shape [4, 1]; expected a tensor with"),
        ("((model(inputs) - targets) ** 2).mean()", "targets.mean()", "loss cannot be different"),
        ("torch.nn.Linear(1, 1)", "None", "student gives nothing; expected a torch.nn.Module"),
        ("y, 2 * y,", "y, 2 * y[1:],", "data gives 16 eval_inputs and 15 eval_targets"),
        ("return Data(x, 2 * x,", "return (x,", "data gives a tuple; expected Data(train_inputs,"),
        ("batch_indices(seeds, size))", "x)", "data gives batch_indices 64x1 of torch.float32"),
        ("batch_indices(seeds, size))", "batch_indices(seeds, size)[:7])", "batch_indices 7x4 of"),
        (
            "    scales",
            "    metric = Metric('x', True, log=True)\n    scales",
            "is a share from 0 to 1",
        ),
        ("batch_indices(seeds, size))", "batch_indices(seeds, size) + 9)", "there are 64 train"),
        (", generator=seeded(seeds.eval)", "", "data gives other eval_inputs for the same seeds"),
    ],
)
def test_what_a_track_must_give_is_checked(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    assert before in MINIMAL
    file = written(tmp_path, MINIMAL.replace(before, after))
    add_file(file)
    submission, instance = Submission(sources.GRADIENT_DESCENT), official_instance("line")
    with Launcher() as launcher, pytest.raises(TrackError) as error:
        evaluate(submission, instance, launcher, procedure=Procedure(40))
    assert str(error.value).startswith(str(file))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("** 2).mean()", "** 2).mean() * float('nan')", "loss gives nan for the untrained student"),
        (".item()", ".item() * float('nan')", "measure gives nan for the untrained student"),
        ("** 2).mean()", "** 2).mean() * torch.seed()", "for the same student, samples and state"),
        (".item()", ".item() + torch.seed()", " and then "),
        ("torch.manual_seed(seeds.student)", "pass", "call torch.manual_seed(seeds.student) first"),
    ],
)
def test_what_is_wrong_before_a_submission_runs_is_the_tracks(
    tmp_path: Path, launcher: Launcher, before: str, after: str, said: str
) -> None:
    assert before in MINIMAL
    file = written(tmp_path, MINIMAL.replace(before, after))
    add_file(file)
    submission, instance = Submission(sources.GRADIENT_DESCENT), drawn_instance("line", str(file))
    with pytest.raises(TrackError) as error:
        evaluate(submission, instance, launcher, procedure=Procedure(40))
    assert str(error.value).startswith(f"{file}: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("method", "before"),
    [
        ("data", "size = self"),
        ("student", "torch.manual_seed"),
        ("loss", "return ((mod"),
        ("measure", "return self.loss"),
    ],
)
def test_a_method_that_does_not_return_is_named(
    tmp_path: Path, launcher: Launcher, monkeypatch: pytest.MonkeyPatch, method: str, before: str
) -> None:
    for module in (watch, data_cache):
        monkeypatch.setattr(module, "CALL_S", 5.0)
    monkeypatch.setattr(data_cache, "CHECK_S", 0.2)
    text = MINIMAL.replace(before, f"while True: pass\n        {before}")
    file = written(tmp_path, text.replace("    scales", "    time_limit_s = 5.0\n    scales"))
    add_file(file)
    submission, instance = Submission(sources.GRADIENT_DESCENT), drawn_instance("line", str(file))
    with pytest.raises(TrackError) as error:
        evaluate(submission, instance, launcher, procedure=Procedure(40))
    assert str(error.value) == f"{file}: {method} has not returned after 5 s"


@pytest.mark.processes
def test_a_submission_cannot_put_its_own_numbers_on_the_track(tmp_path: Path) -> None:
    """Finite parameters, so large that the metric is not a number from the first step on."""
    text = MINIMAL.replace(".item()", ".item() if model.weight.abs() < 1e9 else float('nan')")
    add_file(written(tmp_path, text))
    huge = "self.param_groups[0]['params'][0].fill_(1e30)"
    submission = Submission(sources.with_step(huge))
    with Launcher() as launcher:
        found = evaluate(submission, official_instance("line"), launcher, procedure=Procedure(40))
    assert found.state in (State.NONFINITE, State.DIVERGED), found.reason


@pytest.mark.processes
def test_a_loss_may_be_negative(tmp_path: Path, launcher: Launcher) -> None:
    """As a log-likelihood is: 1,000 times its size above the start is diverged."""
    low = MINIMAL.replace("** 2).mean()", "** 2).mean() - 100")
    for name, rate, state in (("slow", 0.05, State.COMPLETE), ("fast", 1e3, State.DIVERGED)):
        add_file(
            written(tmp_path, low.replace("class Line", f"class {name.title()}"), f"{name}.py")
        )
        track, submission = get_track(name), Submission(sources.with_step(descent(rate)))
        found = evaluate(
            submission,
            official_instance(name),
            launcher,
            procedure=search_procedure(track, "final"),
        )
        assert found.state is state, found.reason


def descent(rate: float) -> str:
    return f"for g in self.param_groups:\n    for p in g['params']: p.data.sub_({rate} * p.grad)"


@pytest.mark.processes
def test_the_time_of_a_slow_track_is_told(tmp_path: Path, launcher: Launcher) -> None:
    slow = "import time\n        time.sleep(0.3 * model.training)\n        return ((mod"
    add_file(written(tmp_path, MINIMAL.replace("return ((mod", slow)))
    submission, instance = Submission(sources.GRADIENT_DESCENT), drawn_instance("line", "slow")
    found = evaluate(submission, instance, launcher, procedure=Procedure(40), limits=Limits(9.0))
    assert found.state is State.TIMEOUT
    assert "the track's loss and metric took" in found.reason


@pytest.mark.processes
def test_a_track_is_tried_once_for_each_instance(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    counted = f"open({str(calls)!r}, 'a').write('x')\n        torch.manual_seed"
    add_file(written(tmp_path, MINIMAL.replace("torch.manual_seed", counted)))
    submission, instance = Submission(sources.GRADIENT_DESCENT), official_instance("line")
    with Launcher() as launcher:
        found = [
            evaluate(submission, instance, launcher, procedure=Procedure(10)) for _ in range(2)
        ]
    assert len(calls.read_text()) == 4
    assert found[0].curve == found[1].curve, "the trial leaves no trace"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class Line(Track:\n", ":1: invalid syntax"),
        ("import torch\nimport nowhere_at_all\n", ":2: ModuleNotFoundError: No module named"),
        ("print('hello')\n", ": it defines no track; docs/tracks/ has examples"),
        (MINIMAL.replace("def loss", "def lose"), ": class Line has no method loss; docs/"),
        (MINIMAL.replace('"full":', '"large":'), ": Line.scales needs 'full'"),
        (MINIMAL.replace("    scales", "    metric = 'mse'\n    scales"), ": Line.metric is no"),
        (MINIMAL.replace("    scales", "    objective = 'steps'\n    scales"), "needs a target"),
        (MINIMAL.replace("    scales", "    name = 'my line'\n    scales"), "not 'my line'"),
        (MINIMAL.replace("    scales", "    name = 'mqar'\n    scales"), "'mqar' is taken"),
        (MINIMAL.replace("max_steps=40", "max_steps=0"), "Line.scales['full']: steps, batch"),
        (MINIMAL.replace("max_steps=40", "max_steps='40'"), "whole numbers, at least 1"),
        (MINIMAL.replace("    scales", "    eval_every = 0\n    scales"), "Line.eval_every gives"),
        (
            MINIMAL.replace("    scales", "    screen = 'huge'\n    scales"),
            "Line.screen is 'huge', ",
        ),
        (
            MINIMAL.replace("    scales", "    objective = 'speed'\n    scales"),
            "is 'speed'; expected",
        ),
        (MINIMAL.replace("    scales", "    taget = 0.5\n    scales"), "did you mean target?"),
        (MINIMAL.replace("    scales", "    eval_evry = {}\n    scales"), "Line.eval_evry is unk"),
        (MINIMAL.replace("    scales", "    scale = {}\n    scales"), "did you mean scales?"),
        (setting("scales = Scale(4, 2, 8, 4)"), "Line.scales should be a valid dictionary, not "),
        (setting("name = 5"), "Line.name should be a valid string, not 5"),
        (setting("target = '0.9'"), "Line.target should be a valid number, not '0.9'"),
        (
            setting("proxies = {'full': (Proxy('tenth', 0.5),)}").replace(
                "Metric", "Metric, Proxy"
            ),
            "Line.proxies names the scale 'tenth', which it lacks; add it, or proxies = {}",
        ),
        (
            setting("proxies = {'full': ('small',)}"),
            "Line.proxies['full'][0] should be an instance",
        ),
        (setting("time_limit_s = '60'"), "Line.time_limit_s should be a valid number, not '60'"),
        (setting("time_limit_s = -1"), "Line.time_limit_s is -1; expected a positive number"),
        (setting("max_slowdown = 0.0"), "Line.max_slowdown is 0.0; expected a positive number"),
        (setting("time_limit_s = float('inf')"), "is inf; expected a positive number"),
        (setting("target = float('nan')"), "Line.target is nan; expected a finite number"),
        (setting("structure = 'attn'"), "Line.structure should be 'any', 'attention' or 'tables'"),
        (setting("def __init__(self): open('no.csv')"), ":25: FileNotFoundError: "),
        (MINIMAL + "\nraise SystemExit(0)\n", ":25: SystemExit: 0"),
        (MINIMAL + "\nTRACKS = [3]\n", ": 3 is no tracks.base.Track"),
        (MINIMAL + "\nTRACKS = 3\n", ": 'int' object is not iterable"),
    ],
)
def test_a_file_that_is_no_track_is_refused_in_one_line(
    tmp_path: Path, text: str, said: str
) -> None:
    file = written(tmp_path, text)
    with pytest.raises(TrackError) as error:
        find_track(str(file))
    assert str(error.value).startswith(str(file))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_a_track_names_counts_as_its_own(tmp_path: Path) -> None:
    """Else a study would go on with measurements of data that is gone."""
    data = tmp_path / "data.csv"
    file, digests = written(tmp_path, setting("files = ('data.csv',)")), list[str]()
    for content in ("1,2", "1,2", "1,3"):
        data.write_text(content)
        (track,) = load(file)
        assert track.source
        digests.append(track.source.digest)
    assert digests[0] == digests[1] != digests[2]
    data.unlink()
    with pytest.raises(TrackError, match=r"data\.csv: there is no such file that can be read"):
        load(file)


def test_a_file_of_several_tracks_is_asked_for_one(tmp_path: Path) -> None:
    two = MINIMAL + "\nclass Other(Line):\n    name = 'other'\nLine.name = 'line'\n"
    file = written(tmp_path, two + "TRACKS = [Line(), Other()]\n")
    assert [track.name for track in load(file)] == ["line", "other"]
    with pytest.raises(TrackError, match=r"tracks line, other; choose one, as in line.py:line"):
        find_track(str(file))
    assert find_track(f"{file}:other").name == "other"
    with pytest.raises(TrackError, match="none named 'third'"):
        find_track(f"{file}:third")


def test_two_files_cannot_have_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    add_file(written(tmp_path, MINIMAL))
    add_file(tmp_path / "line.py")
    with pytest.raises(TrackError, match="'line' is taken"):
        add_file(written(tmp_path / "beside", MINIMAL))


def test_attributes_of_its_own_are_allowed(tmp_path: Path) -> None:
    own = "    noise = 0.1\n    _taget = 1\n    def scale(self): pass\n    scales"
    assert find_track(str(written(tmp_path, MINIMAL.replace("    scales", own)))).name == "line"


def test_a_path_that_is_no_python_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mqar").mkdir()
    written(tmp_path, MINIMAL, "line")
    assert find_track("mqar").name == "mqar"
    with pytest.raises(TrackError, match=r"line is no track: a track.s file ends in \.py"):
        find_track("line")
    with pytest.raises(TrackError, match=r"is a folder; a track is a file, as in .*my_track\.py"):
        find_track(str(tmp_path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TrackError, match="there is no such Python file"):
        find_track(str(tmp_path / "gone.py"))


def test_another_process_refuses_a_file_that_has_changed(tmp_path: Path) -> None:
    track = add_file(written(tmp_path, MINIMAL))
    assert require_loaded("line", track.source) is track
    assert track.source is not None
    with pytest.raises(TrackError, match="has read another version; start it again"):
        require_loaded("line", TrackSource(track.source.path, "of before"))
    registry._loaded.clear()  # noqa: SLF001
    with pytest.raises(TrackError, match="it changed during the run"):
        require_loaded("line", TrackSource(track.source.path, "of before"))


def test_a_package_brings_a_track(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written(tmp_path, MINIMAL + "\nline = Line()\n", "packaged_line.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    points = [
        EntryPoint("line", "packaged_line:Line", registry.GROUP),
        EntryPoint("broken", "packaged_line:Gone", registry.GROUP),
        EntryPoint("mqar", "packaged_line:Line", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    registry._packaged.cache_clear()  # noqa: SLF001
    try:
        assert get_track("line").summary == "fit a line"
        assert registry.packaged_tracks() == ["broken", "line"]
        assert isinstance(get_track("mqar"), Track)
        assert get_track("mqar").summary != "fit a line", "the suite's names are taken"
        with pytest.raises(TrackError, match=r"track broken of package .*AttributeError"):
            get_track("broken")
    finally:
        registry._packaged.cache_clear()  # noqa: SLF001
        registry._from_package.cache_clear()  # noqa: SLF001
