"""A winner put into the training script of track 3, which the user names.

Only its optimizers are changed: data, model, loop and log stay. The winner has a schedule of its
own, so the script's schedule acts on those of its optimizers that stay.
"""

import ast
import difflib
from dataclasses import dataclass

from agent.publish.contests.enclosed import FUNCTION, enclosed, future_imports
from agent.publish.contests.script_text import Change, changed, removal, without_unused
from agent.study.errors import UserError
from agent.verdict.transfer import takes_length
from tracks.submission import Submission
from tracks.track3_groups import Groups

EXPECTED = "expected the contest's train_gpt_simple.py"
LIST = "optimizers"
STUB = f"def {FUNCTION}(): ...\n"
"""Where the winner's code comes, once what the script no longer uses is gone."""
NEEDED = ("model", "train_steps", "dist")
"""Names of the script that the new lines use."""


@dataclass(frozen=True)
class Script:
    """A training script, and under what name it was given."""

    path: str
    source: str

    @property
    def tree(self) -> ast.Module:
        try:
            return ast.parse(self.source)
        except SyntaxError as error:
            raise self.refused(f"{error.msg}; {EXPECTED}", error.lineno or 0) from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise self.refused(f"it cannot be parsed: {error}; {EXPECTED}") from error

    def refused(self, reason: str, line: int = 0) -> UserError:
        return UserError(f"--script {self.path}{f', line {line}' if line else ''}: {reason}")


def put_into(script: Script, winner: Submission, name: str, groups: Groups) -> str:
    """The script with the winner as the optimizer of `groups`. Raises UserError."""
    tree = script.tree
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    bound |= {alias.asname or alias.name for alias in _aliases(tree)}
    for needed in NEEDED:
        if needed not in bound:
            raise script.refused(f"it has no {needed}; {EXPECTED}")
    found = _Optimizers(script, tree, groups)
    changes = [*found.changes(takes_length(winner)), *_inserted(tree, winner)]
    edited = without_unused(changed(script.source, changes), script.source)
    edited = edited.replace(STUB, enclosed(winner, name))
    try:
        compile(edited, script.path, "exec", dont_inherit=True)
    except SyntaxError as error:
        text = (error.text or "").strip()
        raise script.refused(f"the edit is no valid program: {error.msg}: {text}") from error
    return edited


def diff(before: str, after: str, names: tuple[str, str]) -> str:
    """The edit, as `diff -u` has it."""
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    return "".join(difflib.unified_diff(old, new, *names))


class _Optimizers:
    """The statements of a script that make its optimizers, and those that set their groups."""

    def __init__(self, script: Script, tree: ast.Module, groups: Groups) -> None:
        self._script, self._tree, self._groups = script, tree, groups
        self._list = self._found_list()
        names = [it.id for it in self._list.value.elts]  # type: ignore[attr-defined]
        made = {name: self._made(name) for name in names}
        if groups == "matrices":
            made = {name: node for name, node in made.items() if self._is_own(node)}
            if len(made) != 1:
                raise script.refused(
                    f"{len(made)} of {', '.join(names)} are of a class of the script; expected "
                    "one, for the matrices; or use --parameters all"
                )
        self._replaced, self._kept = made, [name for name in names if name not in made]

    def changes(self, with_length: bool) -> list[Change]:
        self._require_no_other_use()
        length = ", max_steps=train_steps" if with_length else ""
        indent = " " * self._list.col_offset
        before = [
            "# it reads the first values, which every process gets here",
            "for p in model.parameters():",
            "    dist.broadcast(p.detach(), 0)",
        ]
        if self._groups == "all":
            made = f"{LIST} = [{FUNCTION}()(model.parameters(){length})]"
            place, gone = self._list, list(self._replaced.values())
        else:
            (name, place), gone = next(iter(self._replaced.items())), []
            parameters = ast.unparse(place.value.args[0])  # type: ignore[attr-defined]
            made = f"{name} = {FUNCTION}()({parameters}{length})"
        text = "".join(f"{indent}{line}\n" for line in [*before, made])
        last = place.end_lineno or place.lineno
        removed = [removal(node, self._script.source) for node in gone]
        return [Change(place.lineno, last, text), *removed, *self._schedule()]

    def _schedule(self) -> list[Change]:
        """The loops that set the groups, without the winner: it has its own step sizes."""
        lines, found = self._script.source.split("\n"), []
        loops = [node for node in ast.walk(self._tree) if self._sets_groups(node)]
        holders = [node for node in ast.walk(self._tree) if isinstance(node, ast.FunctionDef)]
        for loop in loops:
            assert isinstance(loop, ast.For)
            if self._kept:
                line = lines[loop.lineno - 1]
                text = line.replace(f" in {LIST}:", f" in [{', '.join(self._kept)}]:") + "\n"
                found.append(Change(loop.lineno, loop.lineno, text))
                continue
            holder = next((one for one in holders if loop in ast.walk(one)), None)
            gone = [loop] if holder is None else [holder, *self._calls(holder.name)]
            found += [removal(node, self._script.source) for node in gone]
        return list(dict.fromkeys(found))

    def _calls(self, name: str) -> list[ast.Expr]:
        return [
            node
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func) == name
        ]

    @staticmethod
    def _sets_groups(node: ast.AST) -> bool:
        over = isinstance(node, ast.For) and ast.unparse(node.iter) == LIST
        return over and "param_groups" in ast.unparse(node)

    def _found_list(self) -> ast.Assign:
        for node in ast.walk(self._tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=elements)):
                    if name == LIST and all(isinstance(it, ast.Name) for it in elements):
                        return node
        raise self._script.refused(f"it has no list {LIST} = [optimizer, ...]; {EXPECTED}")

    def _made(self, name: str) -> ast.Assign:
        found = [
            node
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Assign) and [ast.unparse(t) for t in node.targets] == [name]
        ]
        if len(found) != 1 or not isinstance(found[0].value, ast.Call) or not found[0].value.args:
            raise self._script.refused(
                f"{name} is not made once, as in {name} = Muon([...]); {EXPECTED}"
            )
        return found[0]

    def _is_own(self, made: ast.Assign) -> bool:
        classes = {node.name for node in self._tree.body if isinstance(node, ast.ClassDef)}
        return ast.unparse(made.value.func) in classes  # type: ignore[attr-defined]

    def _require_no_other_use(self) -> None:
        """Loops over the list are known; by another use the script would miss what is replaced."""
        named = {id(node) for node in self._list.value.elts}  # type: ignore[attr-defined]
        for node in ast.walk(self._tree):
            inner = node.value if isinstance(node, ast.Attribute | ast.Subscript) else node
            if not isinstance(inner, ast.Name) or not isinstance(inner.ctx, ast.Load):
                continue
            of_list = inner.id == LIST and inner is not node
            if of_list or (inner.id in self._replaced and id(inner) not in named):
                raise self._script.refused(
                    f"it uses {inner.id} in a way of its own; {EXPECTED}", inner.lineno
                )


def _inserted(tree: ast.Module, winner: Submission) -> list[Change]:
    """A stub for the winner's code after the script's last class, and what must stand first."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    after = (classes[-1].end_lineno or 0) + 1 if classes else 1
    found = [Change(after, after - 1, f"\n{STUB}")]
    if imports := future_imports(winner):
        first = (tree.body[0].end_lineno or 0) + 1 if ast.get_docstring(tree) else 1
        found.append(Change(first, first - 1, imports))
    return found


def _aliases(tree: ast.Module) -> list[ast.alias]:
    imports = (n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom))
    return [alias for node in imports for alias in node.names]
