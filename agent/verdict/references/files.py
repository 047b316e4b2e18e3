"""The references of `transfer`: files whose constants were tuned, with the numbers put in."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from agent.verdict.references.numbers import NUMBERS
from tracks.submission import Submission

REFERENCES = ("adamw", "muon")
"""Each has one setting for all workloads."""


@cache
def reference(name: str, numbers: tuple[tuple[str, float], ...]) -> Submission:
    """The file of this name with other constants."""
    source = (files(__package__) / f"{name}.py").read_text(encoding="utf-8")
    for constant, value in numbers:
        source, found = re.subn(rf"(?m)^{constant} = .*$", f"{constant} = {value!r}", source)
        assert found == 1, f"{name}.py has no constant {constant}"
    return Submission(source, f"{name}.py")


def references(workload: str, *, per_workload: bool) -> Mapping[str, Submission]:
    """What a candidate meets on a workload, by name; also those tuned for it, if asked."""
    settings = {"": "all"} | ({" per workload": workload} if per_workload else {})
    return {
        name + suffix: reference(name, tuple(NUMBERS[name][setting].items()))
        for name in REFERENCES
        for suffix, setting in settings.items()
    }
