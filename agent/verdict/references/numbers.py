"""Numbers of the references: one setting for all workloads, and the best on each.

Printed by `python benchmarks/references.py`.
"""

from collections import defaultdict

NUMBERS: dict[str, dict[str, dict[str, float]]] = {
    "adamw": defaultdict(dict),
    "muon": defaultdict(dict),
}
