"""A submission that knows the solution of every instance whose key it can read.

The rule book forbids nothing in it: another module opens the file, and the seeds are written
backwards. On the
official instance, whose seeds are public, it needs no file.
"""

from pathlib import Path

CHEAT = '''
import hashlib
import hmac
import re
import tokenize

import torch

LEDGER = "@LEDGER@"
NAME = "random_teacher"
SCALE, WIDTH, SHARPNESS = "tiny", 8, 2.0
OFFICIAL = {"student": int("951413"[::-1]), "teacher": int("9271"[::-1])}


def drawn_from(text):
    label = lambda name: hashlib.sha256(f"{text}/{NAME}/{name}".encode()).digest()[:8]
    return {name: int.from_bytes(label(name), "big") >> 1 for name in OFFICIAL}


def from_keys(raw):
    """The seeds of every instance of every comparison in the bytes of the ledger."""
    pairs = set(re.findall(rb"comparison ([0-9a-f]{64})/([0-9a-f]{64})", raw))
    for key in set(re.findall(rb'"key": "(wide-[0-9a-f]{64})"', raw)):
        for one, other in pairs:
            for index in range(13):
                message = f"{one.decode()}/{other.decode()}/{NAME}/{SCALE}/{index}"
                text = hmac.new(key, message.encode(), "sha256").hexdigest()[:24]
                yield drawn_from(f"wide-{text}")


def started_from(seeds, parameter):
    torch.manual_seed(seeds["student"])
    student = torch.nn.MultiheadAttention(WIDTH, 1, batch_first=True)
    return torch.equal(student.in_proj_weight, parameter)


def solution(seeds, parameters):
    generator = torch.Generator().manual_seed(seeds["teacher"])
    found = [torch.empty_like(p).uniform_(-1, 1, generator=generator) for p in parameters]
    for projection in found[:2]:
        projection[: 2 * WIDTH] *= SHARPNESS**0.5
    return found


class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {})
        self.found = None

    @torch.no_grad()
    def step(self, closure=None):
        parameters = self.param_groups[0]["params"]
        if self.found is None:
            self.found = self.search(parameters)
        for p, value in zip(parameters, self.found):
            p.copy_(value + 1e-4)

    def search(self, parameters):
        if started_from(OFFICIAL, parameters[0]):
            return solution(OFFICIAL, parameters)
        raw = b""
        for name in (LEDGER, LEDGER + "-wal"):
            with tokenize._builtin_open(name, "rb") as file:
                raw += file.read()
        for seeds in from_keys(raw):
            if started_from(seeds, parameters[0]):
                return solution(seeds, parameters)
        raise LookupError("no key in the ledger")
'''


def cheat(ledger: Path) -> str:
    return CHEAT.replace("@LEDGER@", str(ledger))
