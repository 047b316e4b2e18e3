"""Attacks on time: loops wherever the host runs a submission's code, and ends that never come."""

from attack import Attack, of_kind

from tracks.evaluation import State

TIMEOUT = (State.TIMEOUT,)
WALL_S = 1.5
IN_CLASS = """PREAMBLE
class Submission(torch.optim.SGD):
    def __init__(self, params):
        super().__init__(params, lr=0.05)

    METHOD
"""
STEP = "def step(self, closure=None):\n        "


def loop(name: str, *, body: str = "", source: str = "", outcome: str = "ended") -> Attack:
    # each thread has address space for its stack and its allocations
    return Attack(name, outcome, body, source, states=TIMEOUT, wall_s=WALL_S, memory_mb=2048)


def method(text: str) -> str:
    return IN_CLASS.replace("METHOD", text)


ATTACKS = of_kind(
    "time",
    loop("loop in a step", body="while True:\n    pass"),
    loop("loop on import", source="while True: pass"),
    loop("loop in the constructor", source=method(
        "def add_param_group(self, group):\n        while True: pass")),
    loop("loop in zero_grad", source=method(
        "def zero_grad(self, set_to_none=True):\n        while True: pass")),
    loop("loop where an object dies", body="""
class Undying:
    def __del__(self):
        while True: pass
Undying()
"""),
    loop("loop in the message of an error", source=method(STEP + """class Endless(Exception):
            def __str__(self):
                while True: pass
        raise Endless""")),
    loop("loop in the name of an error", source=method(STEP + """class Meta(type):
            @property
            def __name__(self):
                while True: pass
        class Endless(Exception, metaclass=Meta): pass
        raise Endless""")),
    loop("loop where the class is checked", source="""PREAMBLE
class Meta(type):
    @property
    def zero_grad(self):
        while True: pass
class Submission(torch.optim.SGD, metaclass=Meta):
    def __init__(self, params):
        super().__init__(params, lr=0.05)
"""),
    loop("loop outside of Python", body="10 ** 10 ** 9"),
    loop("loop in every thread", body="""
import threading
def spin():
    while True: pass
for _ in range(8):
    threading.Thread(target=spin).start()
spin()
"""),
    loop("sleep", body="time.sleep(1000)"),
    loop("wait for a lock", body="import threading\nthreading.Lock().acquire() \n"
         "lock = threading.Lock()\nlock.acquire()\nlock.acquire()"),
    loop("loop at exit", outcome="harmless", body="""
import atexit
def spin():
    while True: pass
atexit.register(spin)
"""),
    loop("leave threads that sleep", outcome="harmless", body="""
import threading
for _ in range(8):
    threading.Thread(target=time.sleep, args=[1000]).start()
"""),
    Attack("use up the CPU time", "ended", "while True:\n    pass", states=TIMEOUT, cpu_s=1.0,
           says="CPU time"),
    Attack("ignore the end of the CPU time", "ended", """
import signal
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True:
    pass
""", states=TIMEOUT, cpu_s=1.0, says="CPU time"),
    Attack("never end a regular expression", "ended", """
import re
re.match("(a+)+$", "a" * 60 + "b")
""", states=TIMEOUT, wall_s=WALL_S),
)  # fmt: skip
