"""A track in a file of the user's own: loaded, completed with defaults, refused with one line."""

import hashlib
import importlib.util
import inspect
import linecache
import re
import sys
import traceback
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from types import ModuleType

from tracks.attribute_types import unfit
from tracks.base import Proxy, Scale, Track, TrackSource
from tracks.code import syntax_digest
from tracks.links import followed

NAME = re.compile(r"[a-z][a-z0-9_]*")
EVALUATIONS_FINAL, EVALUATIONS_STEPS = 4, 20
"""Evaluations of the metric in a full run, by objective."""
SMALL, CANDIDATES = (10, 8), {"quarter": (4, 4), "half": (2, 2)}
"""Factors of fewer steps and samples: of a small run, and of those that may become proxies."""
CANDIDATE_KEEP = 1 / 3
KNOWN = sorted(set(Track.__annotations__))
"""The attributes of a track."""
NEAR = 0.8
"""Attributes as similar as this to a known one are taken for a slip of the pen."""


class TrackError(Exception):
    """A track cannot be used: one line that names its file, and its line where there is one."""


def load(path: Path) -> list[Track]:
    """The tracks of a file: its `TRACKS`, or one of each class of a track that it defines.

    Modules beside the file can be imported by it. Raises TrackError.
    """
    path = followed(path)
    module = _module(path)
    listed = getattr(module, "TRACKS", None)
    try:
        tracks = list(listed) if listed is not None else [made() for made in _classes(module, path)]
    except TrackError:
        raise
    except TypeError as error:
        raise TrackError(line_in(str(path), error) or f"{path}: {error}") from error
    except (Exception, SystemExit) as error:
        raise _failed(path, error) from error
    if not tracks:
        raise TrackError(f"{path}: it defines no track; docs/tracks/ has examples to start from")
    for track in tracks:
        complete(track, path.stem if len(tracks) == 1 else "", str(path))
        files = [path.parent / name for name in track.files]
        track.source = TrackSource(str(path), digest(path, *files))
    return tracks


def ladder_of(track: Track, scale: str) -> Sequence[Proxy]:
    """The proxies of a track; where it has none, the smaller runs that may become some."""
    there = track.proxies.get(scale, ())
    if there or track.proxies or scale != "full":
        return there
    return [Proxy(name, CANDIDATE_KEEP) for name in CANDIDATES if name in track.scales]


def digest(path: Path, *files: Path) -> str:
    """Of the file's code: comments and docstrings change nothing; of all that another file holds.

    With `files` that a track reads it is of these as well. Raises TrackError.
    """
    is_code = path.suffix == ".py"
    try:
        own = syntax_digest(path) if is_code else hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        kind = "Python file" if is_code else "file that can be read"
        raise TrackError(f"{path}: there is no such {kind}") from error
    every = "".join([own, *map(digest, files)])
    return hashlib.sha256(every.encode()).hexdigest() if files else own


def complete(track: Track, name: str, where: str) -> None:
    """Fill in what a track leaves to its defaults. Raises TrackError for what has none."""
    if not isinstance(track, Track):
        raise TrackError(f"{where}: {track!r} is no tracks.base.Track")
    track.name = track.name or name
    for problem in _problems(track):
        raise TrackError(f"{where}: {problem}")
    full = track.scales["full"]
    inherited, documented = inspect.getdoc(Track), inspect.getdoc(type(track))
    if documented == inherited:
        documented = sys.modules[type(track).__module__].__doc__
    track.summary = track.summary or (documented or "").strip().partition("\n")[0].rstrip(".")
    sizes = {"small": SMALL} | ({} if track.proxies else CANDIDATES)
    made = {name: _smaller(full, *by) for name, by in sizes.items()}
    track.scales = {**track.scales, **{n: s for n, s in made.items() if n not in track.scales}}
    track.eval_every = {
        "final": max(1, full.max_steps // EVALUATIONS_FINAL),
        "steps": max(1, full.max_steps // EVALUATIONS_STEPS),
        **track.eval_every,
    }


def _problems(track: Track) -> Iterator[str]:
    """What no default can take the place of."""
    kind, eval_every = type(track).__name__, track.eval_every
    yield from unfit(track)
    if not NAME.fullmatch(track.name):
        yield f"{kind} needs a name of a-z, 0-9 and _, not {track.name!r}; set `name`"
    for name in _own_attributes(track):
        for near in get_close_matches(name, KNOWN, 1, NEAR):
            yield f"{kind}.{name} is unknown; did you mean {near}? If not, rename it"
    if "full" not in track.scales or not all(isinstance(s, Scale) for s in track.scales.values()):
        yield f"{kind}.scales needs 'full', a tracks.base.Scale: the size of a whole run"
    for name, scale in track.scales.items():
        whole = (scale.max_steps, scale.batch_size, scale.train_samples, scale.eval_samples)
        if not all(_is_count(number) for number in whole):
            yield f"{kind}.scales[{name!r}]: steps, batch and samples are whole numbers, at least 1"
    for name in track.missing_scales():
        yield f"{kind}.proxies names the scale {name!r}, which it lacks; add it, or proxies = {{}}"
    screens = {None, "small", *CANDIDATES, *track.scales}
    if (screen := vars(type(track)).get("screen")) not in screens:
        yield f"{kind}.screen is {screen!r}, which is none of its scales"
    if not (isinstance(eval_every, Mapping) and eval_every.keys() <= {"final", "steps"}) or not all(
        _is_count(every) for every in eval_every.values()
    ):
        yield f'{kind}.eval_every gives steps by objective, such as {{"final": 100, "steps": 10}}'
    if track.objective not in ("final", "steps"):
        yield f"{kind}.objective is {track.objective!r}; expected 'final' or 'steps'"
    if track.objective == "steps" and track.target is None:
        yield f"{kind}.objective is 'steps', so it needs a target of the metric"


def _own_attributes(track: Track) -> Iterator[str]:
    """Public names that a track sets beside those of the contract; methods are its own affair."""
    own = takewhile(lambda kind: not kind.__module__.startswith("tracks."), type(track).__mro__)
    for name, value in ChainMap(vars(track), *(dict(vars(kind)) for kind in own)).items():
        if not (name.startswith("_") or name in KNOWN or callable(value)):
            yield name


def _is_count(number: object) -> bool:
    return isinstance(number, int) and number >= 1


def line_in(path: str, error: BaseException) -> str:
    """An error in one line, with the last line of the file that it went through; "" where none."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return f"{path}:{error.lineno}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == path]
    return f"{path}:{lines[-1]}: {said_of(error)}" if lines else ""


def said_of(error: BaseException) -> str:
    """Kind and message of an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def _failed(path: Path, error: BaseException) -> TrackError:
    """The error for a file whose own code raises this one."""
    return TrackError(line_in(str(path), error) or f"{path}: {said_of(error)}")


def silent(source: TrackSource, method: str, seconds: float) -> TrackError:
    """The error for a method of a track's file that takes too long."""
    return TrackError(f"{source.path}: {method} has not returned after {seconds:g} s")


def blame(error: BaseException, source: TrackSource | None) -> str:
    """What a track's own file did wrong, in one line; empty where it is not to blame."""
    if isinstance(error, TrackError):
        return str(error)
    return line_in(source.path, error) if source else ""


def _module(path: Path) -> ModuleType:
    name = f"track_file_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise TrackError(f"{path}: there is no such Python file")
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    linecache.checkcache(str(path))
    try:
        # what it prints must not get between the JSON of a verb
        with redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _failed(path, error) from error
    return module


def _classes(module: ModuleType, path: Path) -> Iterator[type[Track]]:
    """Classes of tracks that the module itself defines, and that no other of them is based on.

    Raises TrackError for one that cannot be used.
    """
    own = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Track) and kind.__module__ == module.__name__
    ]
    for kind in own:
        if not any(other is not kind and issubclass(other, kind) for other in own):
            if missing := " or ".join(sorted(kind.__abstractmethods__)):
                what = f"class {kind.__name__} has no method {missing}"
                raise TrackError(f"{path}: {what}; docs/tracks/ has examples")
            yield kind


def _smaller(full: Scale, steps: int, samples: int) -> Scale:
    """A run with fewer steps and samples, by these factors, of the same batch."""
    return replace(
        full,
        max_steps=max(1, full.max_steps // steps),
        train_samples=max(full.batch_size, full.train_samples // samples),
        eval_samples=max(1, full.eval_samples // samples),
    )
