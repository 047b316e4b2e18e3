"""Remedies for the exceptions that submissions end with most often."""

import re
from collections.abc import Sequence

from tracks.rules.rulebook import BACKWARD, FILES, ONE_FILE, PACKAGE, PROCESS_GROUP

HINTS = {
    r"process group has not been initialized|torch\.distributed": PROCESS_GROUP.remedy,
    r"__init__\(\) missing": "give every argument but the parameters a default: "
    "the harness builds Submission(params)",
    r"step\(\) missing|closure": "step without a closure: "
    "the harness calls step() alone, after one forward and backward pass",
    r"Operation not permitted|File too large|Read-only file system": f"{FILES.reason}; "
    f"{FILES.remedy}",
    r"No module named|attempted relative import": f"{PACKAGE.reason}; {ONE_FILE.remedy}",
    r"train mode|\.train\(\)": "the harness calls zero_grad() and step() alone: "
    "call self.train() at the end of __init__",
    r"create_graph|does not require grad": BACKWARD.remedy,
    r"^(Assertion|Attribute|Runtime|Type|Value)Error.*in __init__": "the harness builds "
    "Submission(params), where params is an iterator over parameters, as of model.parameters(): "
    "no list, names or groups; super().__init__(list(params)) in a subclass makes it a list",
}
"""Remedies, by a pattern of the exception that a submission ended with."""


def with_hint(reason: str, traceback: Sequence[str] = ()) -> str:
    """The reason that a submission ended with, and the remedy where one is known."""
    frames = [line for line in traceback if line.lstrip().startswith("File")]
    seen = " ".join([reason, *frames, *traceback[-2:]])
    known = next((text for pattern, text in HINTS.items() if re.search(pattern, seen)), "")
    return f"{reason}; {known}" if known and known not in reason else reason
