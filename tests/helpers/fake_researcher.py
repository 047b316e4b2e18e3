"""A scripted researcher behind a local service: proposals good and bad, slow, with faults.

    python tests/fake_researcher.py --port 8765

serves until it is interrupted and says what it was asked on standard error.
"""

import argparse
import json
import re
import sys
import threading
from typing import Any

from helpers.messages_server import Answer, Fault, MessagesServer, Reply, Request

LAZY = '''\
"""Sign descent with momentum on rows that have a gradient."""

import torch


class Submission(torch.optim.Optimizer):
    def __init__(self, params, momentum=True, lazy=True, cooldown=True):
        super().__init__(params, {{}})
        self.momentum, self.lazy, self.cooldown = momentum, lazy, cooldown
        self.steps = 0

    @torch.no_grad()
    def step(self):
        self.steps += 1
        rate = {rate} * (max(0.05, 1 - self.steps / 400) if self.cooldown else 1.0)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                average = self.state[p].setdefault("average", torch.zeros_like(p))
                average.mul_(0.6).add_(p.grad)
                update = (average if self.momentum else p.grad).sign()
                if self.lazy and p.ndim == 2:
                    update = update * (p.grad.abs().sum(1, keepdim=True) > 0)
                p.sub_(rate * update)
'''
ROWS = {
    "start": {"part": "shrunk"},
    "readout": {"part": "polar"},
    "phases": [
        {
            "coordinates": {"part": "rows"},
            "queries": {"part": "addresses"},
            "direction": {"part": "raw"},
            "magnitude": {"part": "first_descent"},
            "keys": {"part": "elimination", "depth": 3.2, "spared": 0.2},
        }
    ],
}
FAST = {"phases": [{"direction": {"part": "adam"}, "schedule": {"part": "wsd", "lr": 0.2}}]}
CONSTANT = re.compile(r"^([A-Z_0-9]+) = (\d+\.\d+)  #", re.M)


def proposal(hypothesis: str, name: str, optimizer: dict[str, Any], parents: list[int]) -> str:
    """An answer as it is asked for."""
    return json.dumps(
        {
            "hypothesis": hypothesis,
            "expected_effect": "20 steps fewer",
            "bucket": "high",
            "parents": parents,
            "name": name,
            "optimizer": optimizer,
        }
    )


def of_spec(name: str, spec: dict[str, Any], parents: list[int] | None = None) -> str:
    made = {"form": "spec", "spec": json.dumps(spec)}
    return proposal("Rows that get no gradient should rest.", name, made, parents or [])


def of_code(name: str, source: str, parents: list[int] | None = None) -> str:
    made = {"form": "code", "source": source}
    return proposal("Signs are robust to the scale of rows.", name, made, parents or [])


def of_edit(prompt: str) -> str | None:
    """A tenth more of the first constant in the first file that is shown; None without one."""
    shown = re.search(r"## File of trial (\d+)\n\n`{3,}\n(.*?)\n`{3,}\n", prompt, re.S)
    constant = CONSTANT.search(shown[2]) if shown else None
    if not (shown and constant):
        return None
    line = f"{constant[1]} = {constant[2]}"
    edit = {"find": line, "replace": f"{constant[1]} = {1.1 * float(constant[2]):.4g}"}
    made = {"form": "edit", "parent": int(shown[1]), "edits": [edit]}
    return proposal("The best is near: a little more of it.", "a-tenth-more", made, [int(shown[1])])


class Researcher:
    """The script: what is answered depends on how many proposals were asked for before."""

    def __init__(self, pause_s: float = 0.0) -> None:
        self.asked = 0
        self._pause_s = pause_s
        self._faults = [Fault(529, "overloaded_error"), Fault(500), Fault(429, "rate_limit_error")]
        self._lock = threading.Lock()

    def __call__(self, request: Request, number: int) -> Answer:
        with self._lock:
            turns = request.turns
            first = len(turns) == 1
            # every third question fails first, and is asked again by the client
            if first and self.asked % 3 == 2 and self._faults:
                return self._faults.pop()
            self.asked += first
            text = self._text(self.asked - 1, turns)
        return Reply(text, chunk_s=self._pause_s, thinking="Let me think about the rows.")

    def _text(self, index: int, turns: list[dict[str, Any]]) -> str:
        repaired = len(turns) > 1
        source = LAZY.format(rate=round(0.05 / (1 + index), 6))
        kind = index % 5
        if kind == 0:
            return of_spec("rows with less spared", ROWS) if index == 0 else of_code("slow", source)
        if kind == 1:
            return of_code("lazy signs", source if repaired else source.replace("class", "clas", 1))
        if kind == 2:
            return of_code(
                "more signs", source if repaired else f"import os\nos.remove('x')\n{source}"
            )
        if kind == 3:
            edited = of_edit(turns[0]["content"])
            return edited if edited and not repaired else of_code("signs again", source)
        return of_spec("wsd", FAST) if index < 5 else of_code("later signs", source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between two pieces")
    arguments = parser.parse_args()
    researcher = Researcher(arguments.pause)
    with MessagesServer(researcher) as server:
        print(f"export ANTHROPIC_BASE_URL={server.url} ANTHROPIC_API_KEY=fake")
        print(f"export OPENAI_BASE_URL={server.url}/v1 AGENT_URL={server.url}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
        print(f"{len(server.requests)} requests, {server.delivered} answers", file=sys.stderr)


if __name__ == "__main__":
    main()
