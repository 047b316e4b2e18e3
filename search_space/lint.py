"""What is wrong or useless in a spec or in a rendered submission, without running it."""

import ast
from collections.abc import Iterator

from search_space.spec import Spec

LONG = 500
"""Lines above which a submission is hard to review."""


def lint_spec(spec: Spec) -> list[str]:
    """Parts and numbers that cannot matter."""
    findings = []
    for index, phase in enumerate(spec.phases):
        where = f"phase {index + 1}: " if len(spec.phases) > 1 else ""
        if index and phase.choices == spec.phases[index - 1].choices:
            findings.append(f"{where}the same as the phase before")
        if phase["steps"].part == "by_side":
            steps = phase["steps"]
            if steps["scores"] == steps["values"] == 1 and steps["ramp"] == 0:
                findings.append(f"{where}steps.by_side with equal shares does nothing")
        schedule = phase["schedule"]
        if schedule.part == "constant" and schedule["floor"]:
            findings.append(f"{where}schedule.constant: a floor does nothing")
        direction = dict(phase["direction"].params)
        if "damping_end" in direction and direction["damping"] == direction["damping_end"]:
            findings.append(f"{where}direction.comp_muon: damping_end equals damping")
    structures = {p.structure for p in spec.parts() if p.structure != "any"}
    if len(structures) > 1:
        findings.append("some parts act on attention only, others on token tables only")
    return findings


def lint_source(source: str) -> list[str]:
    """What makes a submission hard to review, by line; `autoresearch check` reads the rules.

    Raises SyntaxError where the text is no Python.
    """
    tree = ast.parse(source)
    lines = source.count("\n") + 1
    findings = list(_unused(tree))
    if not ast.get_docstring(tree):
        findings.append("line 1: no docstring says what the algorithm is")
    if lines > LONG:
        findings.append(f"line {LONG}: {lines} lines are hard to review")
    return findings


def _unused(tree: ast.Module) -> Iterator[str]:
    """Constants and functions of the module that nothing else in it names."""
    named = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    strings = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    text = " ".join(value for value in strings if isinstance(value, str) and len(value) < 100)
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id == "Submission":
                continue
            name, uses = node.targets[0].id, named.count(node.targets[0].id) - 1
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name != "Submission":
            name, uses = node.name, named.count(node.name)
        else:
            continue
        if uses == 0 and name not in text:
            yield f"line {node.lineno}: {name} is never used"
