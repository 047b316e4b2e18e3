"""Hostile sources: texts that no parser likes, and classes that are not what they seem."""

from attack import Attack, of_kind

from tracks.evaluation import State

EXCEPTION = (State.EXCEPTION,)
INVALID = (State.INVALID,)
BROKEN = (State.EXCEPTION, State.MEMORY, State.CRASH)
HONEST = """
    def __init__(self, params):
        super().__init__(params, {"lr": 0.05})

    @torch.no_grad()
    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            p.sub_(0.05 * p.grad)
"""


def text(name: str, source: str, states: tuple[State, ...], says: str = "") -> Attack:
    return Attack(name, "ended", source=source, states=states, says=says)


ATTACKS = of_kind(
    "sources",
    text("a null byte", "x = 1\0\n", EXCEPTION, "null bytes"),
    text("half a character", "x = '\ud800'\n", EXCEPTION, "surrogates"),
    text("nested brackets", "x = " + "(" * 5000 + ")" * 5000, BROKEN),
    text("nested operators", "x = " + "-" * 200_000 + "1", BROKEN),
    text("nested blocks", "".join(" " * n + "if 1:\n" for n in range(150)), BROKEN),
    text("a long chain of attributes", "x" + ".x" * 100_000, BROKEN),
    text("a huge number", "x = " + "9" * 100_000, BROKEN),
    text("a constant to fold", "x = " + "'a' * 4096 * " * 3 + "4096", BROKEN),
    text("many lines", "x = 1\n" * 150_000, INVALID, "no class Submission"),
    text("another encoding", "# -*- coding: rot13 -*-\nx = 1\n", INVALID, "no class"),
    text("an empty file", "\n", INVALID, "no class"),
    text("no class", "Submission = 3", INVALID, "not a subclass"),
    text("a class of its own", "class Submission:\n    pass", INVALID, "not a subclass"),
    text("a constructor that gives a number", """
import torch
class Submission(torch.optim.Optimizer):
    def __new__(cls, params):
        return 5
""", INVALID, "does not give"),
    text("a constructor that exits", """
import torch
class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        raise SystemExit(0)
""", EXCEPTION, "SystemExit"),
    text("a constructor that takes nothing", """
import torch
class Submission(torch.optim.Optimizer):
    def __init__(self):
        pass
""", EXCEPTION, "TypeError"),
    text("no step", """
import torch
class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {})
""", EXCEPTION, "NotImplementedError"),
    Attack("a class that is every other", "harmless", source=f"""PREAMBLE
class Meta(type):
    def __instancecheck__(cls, other):
        return True
    def __subclasscheck__(cls, other):
        return True
class Submission(torch.optim.Optimizer, metaclass=Meta):{HONEST}"""),
    Attack("an object that says what it is", "harmless", source=f"""PREAMBLE
class Real(torch.optim.Optimizer):{HONEST}
class Mask:
    __class__ = torch.optim.Optimizer
    def __init__(self, real):
        self.real = real
    def zero_grad(self, set_to_none=True):
        self.real.zero_grad()
    def step(self):
        self.real.step()
class Submission(torch.optim.Optimizer):
    def __new__(cls, params):
        return Mask(Real(params))
"""),
    Attack("take the parameters and keep none", "ended", source="""PREAMBLE
class Submission(torch.optim.SGD):
    def __init__(self, params):
        super().__init__([], lr=0.05)
""", states=EXCEPTION),
    Attack("be another module", "harmless", source=f"""PREAMBLE
sys.modules["submission"] = sys.modules["__main__"] = None
__name__ = "tracks.isolation.optimizer_host"
class Submission(torch.optim.Optimizer):{HONEST}"""),
    Attack("take the channel on import", "ended", source="""PREAMBLE
import socket
socket.socket(fileno=3).close()
""", states=(State.CRASH, State.EXCEPTION)),
)  # fmt: skip
