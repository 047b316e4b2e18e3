"""The digest of a track's file is of what it computes, and no other Python gives another one."""

from pathlib import Path

from tracks.code import syntax_digest

SOURCE = '''
"""A docstring."""
from dataclasses import dataclass, field


@dataclass
class Task:
    """Another."""

    width: int = 5
    rows: list[int] = field(default_factory=list)

    def shown(self, *texts: str, sep: str = "", **named: object) -> str:
        match self.rows:
            case []:
                return f"{self.width:>{self.width}}{sep!r} wide"
            case [1, *_] | None:
                return None
        nothing, empty, tuple_of = None, [], ()
        return {**named, "a": [""]}, lambda x, /, y=1: (yield x)
'''
DIGEST = "e6bbc894d073bfe9f43c8a0430e509de232e988b6d4ff9979ae9ff6c3bea01b1"
"""Of SOURCE, with Python 3.11, 3.12 and 3.13, whose `ast.dump` gives three texts."""


def digest(folder: Path, source: str) -> str:
    path = folder / "task.py"
    path.write_text(source)
    return syntax_digest(path)


def test_every_python_gives_the_same(tmp_path: Path) -> None:
    assert digest(tmp_path, SOURCE) == DIGEST


def test_what_has_no_effect_does_not_count(tmp_path: Path) -> None:
    without = SOURCE.replace('"""Another."""', "# another").replace("A docstring.", "")
    assert digest(tmp_path, without) == DIGEST


def test_empty_values_count(tmp_path: Path) -> None:
    for old, new in (
        ("return None", "return"),
        ('sep: str = ""', "sep: str = None"),
        ("empty, tuple_of = None, [], ()", "empty, tuple_of = None, [None], ()"),
        ('[""]', "[]"),
        ("width}}{sep", "width}} {sep"),
        ("case []", "case [*_]"),
    ):
        assert old in SOURCE
        assert digest(tmp_path, SOURCE.replace(old, new)) != DIGEST, old


def test_a_file_too_deep_for_a_tree_counts_as_it_is(tmp_path: Path) -> None:
    deep = "x = " + " + ".join(["1"] * 5000)
    assert digest(tmp_path, deep) != digest(tmp_path, f"{deep}  # a comment")
