"""A long file without its comments and docstrings."""

import ast

import pytest

from tracks.rules.bare import LONG, bare

CODE = '''"""Of the file."""  # first
import torch  # second

NAME = "# no comment"


class One:
    """Of the class,
    in two lines.
    """

    def two(self):  # third
        "one"; "line"
        return f"{self!r} # no comment"  # fourth
'''
FILLED = CODE + "# " + "x" * LONG


def test_lines_stay_and_comments_and_docstrings_go() -> None:
    found = bare(FILLED)
    assert found.count("\n") == FILLED.count("\n")
    for word in ("Of the", "two lines", "one", "first", "second", "third", "fourth", "xx"):
        assert word not in found
    assert found.count("no comment") == 2
    names = [[n.lineno for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
             for text in (found, FILLED)]  # fmt: skip
    assert names[0] == names[1]


def test_a_docstring_that_is_read_stays() -> None:
    found = bare(f"{FILLED}\nprint(One.__doc__)")
    assert "in two lines" in found
    assert "second" not in found


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_other_line_ends(end: str) -> None:
    assert bare(FILLED.replace("\n", end)) == bare(FILLED)


@pytest.mark.parametrize("text", [CODE, "x = (" + " " * LONG, "x = 1\0" * LONG, "'\ud800'" * LONG,
                                  '"""two\nlines"""; x = 1' + " " * LONG])  # fmt: skip
def test_a_file_that_is_short_or_cannot_be_read_is_as_it_is(text: str) -> None:
    assert bare(text) == text
