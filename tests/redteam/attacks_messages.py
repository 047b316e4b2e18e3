"""Attacks on what the host says to the trainer, and on the memory that they share."""

from attack import Attack, of_kind

from tracks.evaluation import State

CRASH = (State.CRASH,)
TIMEOUT = (State.TIMEOUT,)
FIND = """
import gc
def shared():
    \"\"\"The host's own views of the parameters and gradients that it shares.\"\"\"
    from tracks.isolation.shared_tensors import SharedTensors
    return next(thing for thing in gc.get_objects() if type(thing) is SharedTensors).tensors
"""
SCRIBBLE = (
    FIND
    + """
import threading
def scribble(tensors, value):
    while True:
        for tensor in tensors:
            tensor.fill_(value)
"""
)
OWN_LOOP = """PREAMBLE
import json, struct
def say(message):
    body = json.dumps(message).encode()
    os.write(3, struct.pack("!I", len(body)) + body)
say({"kind": "Ready", "early_zero_grad": False})
while os.read(3, 1) == b"s":
    os.read(3, 4)
    os.write(3, b"k")
"""


def forged(name: str, answer: str, says: str = "", state: State = State.CRASH) -> Attack:
    """A host that answers FAILED and then a message of its own."""
    body = f"""
import struct
answer = {answer}
os.write(3, b"f" + struct.pack("!I", len(answer)) + answer)
time.sleep(1)
"""
    return Attack(name, "ended", body, states=(state,), says=says)


FORGED = (
    forged("claim to be done", """b'{"kind": "Done", "curve": [[0, 0.0]]}'"""),
    forged("claim the state complete", """b'{"kind": "Failed", "state": "complete"}'"""),
    forged("claim a fault of the apparatus", """b'{"kind": "Fault", "traceback": "x"}'"""),
    forged("claim another level", """b'{"kind": "Boxed", "level": "none"}'"""),
    forged("claim to be out of memory", """b'{"kind": "Failed", "state": "memory"}'""",
           state=State.MEMORY),
    forged("send deep JSON", "b'[' * 60_000", "not JSON"),
    forged("send a huge number", "b'1' * 60_000", "not JSON"),
    forged("send numbers that are none", """b'{"kind": "Failed", "state": NaN, "reason": 1e9}'"""),
    forged("send more than was asked for", """b'{"kind": "Failed", "state": "memory", "x": 1}'"""),
    forged("send terminal escapes",
           r"""b'{"kind": "Failed", "state": "exception", "reason": "\\u001b[2J\\ud800"}'""",
           state=State.EXCEPTION),
    Attack("announce four gigabytes", "ended", "os.write(3, b'f' + b'\\xff' * 4)\ntime.sleep(1)",
           states=CRASH, says="at most"),
    Attack("send half a message", "ended", "os.write(3, b'f\\0\\0\\xff\\0{')\ntime.sleep(60)",
           states=TIMEOUT, wall_s=1.5),
    Attack("send an unknown reply", "ended", "os.write(3, b'?')", states=CRASH,
           says="unknown reply"),
)  # fmt: skip
ORDER = (
    Attack("reply before the order", "contained", "os.write(3, b'kkk')"),
    Attack("reply to every order at once", "contained", "os.write(3, b'k' * 10_000)"),
    Attack("speak the whole protocol itself", "contained", source=OWN_LOOP),
    Attack("say twice that it is ready", "ended", source="""PREAMBLE
body = b'{"kind": "Ready", "early_zero_grad": true}'
os.write(3, bytes([0, 0, 0, len(body)]) + body)
""", states=(State.CRASH, State.INVALID)),
    Attack("reply and exit", "ended", "os.write(3, b'k')\nos._exit(0)", states=CRASH,
           says="status 0"),
    Attack("close the channel", "ended", "os.close(3)", states=CRASH),
    Attack("claim a crash without a reason", "ended", """
import struct
answer = b'{"kind": "Failed", "state": "crash"}'
os.write(3, b"f" + struct.pack("!I", len(answer)) + answer)
time.sleep(60)
""", states=CRASH, says="hung up"),
    Attack("hang up and live on, to be measured again", "ended", "os.close(3)\ntime.sleep(60)",
           states=CRASH, says="hung up"),
    Attack("hang up and leave a thread, to be measured again", "ended", """
import threading
os.close(3)
threading.Thread(target=time.sleep, args=(60,)).start()
call("exit", 0)
""", states=CRASH, says="hung up"),
    Attack("close its output", "harmless", "os.close(1)\nos.close(2)"),
    Attack("read the next order", "ended", "os.read(3, 1)", states=TIMEOUT, wall_s=1.5),
    Attack("never read again", "contained", "while True:\n    os.write(3, b'k' * 1000)\n"),
)  # fmt: skip
MEMORY = (
    Attack("write parameters after the step", "contained", SCRIBBLE + """
tensors = shared()
threading.Thread(target=scribble, args=[tensors[:4], 0.1], daemon=True).start()
"""),
    Attack("write gradients after the step", "contained", SCRIBBLE + """
tensors = shared()
threading.Thread(target=scribble, args=[tensors[4:], 0.1], daemon=True).start()
""", trainer="fused"),
    Attack("lay NaN under the trainer's gradients", "contained", SCRIBBLE + """
tensors = shared()
threading.Thread(target=scribble, args=[tensors[4:], float("nan")], daemon=True).start()
time.sleep(0.1)
""", trainer="fused", states=(State.NONFINITE, State.DIVERGED)),
    Attack("write every kind of bits", "ended", FIND + """
for tensor in shared():
    tensor.view(torch.int32).fill_(-1)
time.sleep(0.1)
""", states=(State.NONFINITE,)),
    Attack("take the shared memory's pages away", "contained", FIND + """
tensor = shared()[0]
libc.madvise(ctypes.c_void_p(tensor.data_ptr() & ~4095), ctypes.c_size_t(4096), 9)
"""),
    Attack("unmap the shared memory", "ended", FIND + """
tensor = shared()[0]
libc.munmap(ctypes.c_void_p(tensor.data_ptr() & ~4095), ctypes.c_size_t(4096))
""", states=CRASH, says="SIGSEGV"),
    Attack("stretch the shared memory", "ended", FIND + """
tensor = shared()[0]
libc.mremap.restype = ctypes.c_void_p
start = libc.mremap(ctypes.c_void_p(tensor.data_ptr() & ~4095), ctypes.c_size_t(4096),
                    ctypes.c_size_t(2**20), 1)
ctypes.memset(start + 2**19, 1, 1)
gained("memory beyond the tensors")
""", states=CRASH),
)  # fmt: skip
ATTACKS = of_kind("messages", *FORGED, *ORDER, *MEMORY)
