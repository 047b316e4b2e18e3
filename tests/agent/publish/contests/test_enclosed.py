"""A submission as the body of a function, and out of it again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.publish.contests.enclosed import enclosed, future_imports, is_enclosed, taken_out
from agent.study.errors import UserError
from helpers.contest_script import WINNER
from tracks.submission import Submission

AWKWARD = '''from __future__ import annotations

import torch

A = f"""
{1 +
 1}
  """
B = ("one"
     "two")
C = """
from __future__ import annotations
# from __future__ import annotations
    return Submission
"""
\tif_not = 1
'''.replace("\tif_not = 1\n", "")

SPACES = "def f():\n  \n\t\n    return 1\n   "
COMMENTS = """# from __future__ import annotations
    # from __future__ import annotations
# at the start of this program: from __future__ import annotations
A = 1"""
DOCSTRING = '''"""Not moved:
from __future__ import annotations
return Submission
"""
from __future__ import annotations  # moved
'''
PIECES = (
    "", " ", "    ", "\t", "\f", "# note", "    # note", "# from __future__ import annotations",
    "# at the start of this program: x", "def f():\n    return 1", "if 1:\n\n  \n    A = 1",
    'B = """\n  \n\n    return Submission\n"""', '"""\nreturn Submission\n  """',
    "C = f'''\n{1 +\n 1}\n '''", "D = 1 + \\\n2",
)  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [WINNER, AWKWARD, f"\n{WINNER}\n\n", WINNER.rstrip(), SPACES, COMMENTS, DOCSTRING, "A = 1\n  "],
)
def test_what_goes_in_comes_out(source: str) -> None:
    program = f"before = 1\n\n{enclosed(Submission(source), 'winner-1')}\n\nafter = 2\n"
    assert is_enclosed(program)
    assert taken_out(program) == ("winner-1", source)


@given(
    st.booleans(),
    st.lists(st.sampled_from(PIECES), min_size=1).map("\n".join),
    st.sampled_from(["", "\n", "\n\n", "\n  "]),
)
def test_whatever_goes_in_comes_out(future: bool, text: str, end: str) -> None:
    source = f"{'from __future__ import annotations' if future else ''}\n{text}{end}"
    program = f"before = 1\n\n{enclosed(Submission(source), 'winner-1')}\n\nafter = 2\n"
    compile(program, "program", "exec")
    assert taken_out(program) == ("winner-1", source)


def test_strings_keep_their_spaces_and_code_is_indented() -> None:
    text = enclosed(Submission(WINNER), "w")
    assert '\n    TEXT = """\n  kept as it is\n"""\n' in text
    assert "\n    Its helpers have names" in text
    assert "\n        def __init__(self, p: Tensor)" in text
    compile(text, "program", "exec")


def test_imports_of_the_future_stand_outside() -> None:
    submission = Submission(AWKWARD)
    assert future_imports(submission) == "from __future__ import annotations\n"
    moved = "\n# at the start of this program: from __future__ import annotations\n"
    assert moved in enclosed(submission, "w")
    moved_one = "from __future__ import annotations  # moved\n"
    assert future_imports(Submission(DOCSTRING)) == moved_one, "the docstring's line is none"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("from math import *", "line 1: import * cannot stand in the script"),
        ("from __future__ import (\n    annotations,\n)", "line 1: write from __future__ import"),
        ("'one'; from __future__ import annotations", "line 1: write from __future__ import"),
        ("a = 1\nb = 2\r\n", "line 2: a carriage return; write it with line feeds alone"),
        ("def f():\n    global x", "line 2: global means the script's names there"),
        ("if __name__ == '__main__':\n    pass", "line 1: what stands under __main__ would run"),
    ],
)
def test_code_that_would_do_something_else_there_is_refused(line: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason.replace("*", r"\*")):
        enclosed(Submission(f"{line}\n"), "w")


def test_a_program_without_a_whole_submission_holds_none() -> None:
    assert not is_enclosed(WINNER)
    whole = enclosed(Submission(WINNER), "w")
    with pytest.raises(ValueError, match="no whole submission inside"):
        taken_out(whole[: len(whole) // 2])


@pytest.mark.parametrize("line", ["x = (", f"x = print{'()' * 20_000}"])
def test_what_cannot_be_parsed_there_holds_none(line: str) -> None:
    whole = enclosed(Submission(WINNER), "w").replace(
        "\n    return Sub", f"\n    {line}\n    return Sub"
    )
    with pytest.raises(ValueError, match="no whole submission inside"):
        taken_out(whole)
