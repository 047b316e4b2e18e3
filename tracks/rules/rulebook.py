"""The rule book: what a submission may use, and what to write instead.

One table for every verb. The checker reads a file's text against it, the optimizer host gives the
same reasons at run time, and the sandbox enforces it. A path is a dotted name such as `os.environ`;
the longest entry that it begins with decides.
"""

import sys
from dataclasses import dataclass
from typing import Literal

Level = Literal["forbidden", "suspect"]


@dataclass(frozen=True, order=True)
class Finding:
    """A line that is `forbidden` (no verb runs the file) or `suspect` (for a person to read)."""

    line: int
    level: Level
    rule: str
    message: str
    remedy: str = ""

    @property
    def text(self) -> str:
        """What is wrong and how to make it acceptable, in one line."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message

    @property
    def labelled(self) -> str:
        """Its text, after its level and its rule."""
        return f"{self.level} ({self.rule}): {self.text}"

    @property
    def forbidden(self) -> bool:
        return self.level == "forbidden"


@dataclass(frozen=True)
class Rule:
    """Why a name is refused and what to do about it.

    `level` as in Finding; `guarded` is the level behind an `if` or a `try`, which a run here need
    not reach. `paths` are the refused dotted names, `names` those refused as any attribute.
    """

    name: str
    reason: str
    remedy: str
    level: Level = "forbidden"
    guarded: Level | None = None
    paths: str = ""
    names: str = ""


OUTSIDE_MODULES = """
    _ctypes _posixsubprocess _socket asyncio concurrent ctypes ftplib http imaplib multiprocessing
    poplib pty smtplib socket socketserver ssl subprocess urllib webbrowser wsgiref xmlrpc
"""
"""For the network, other processes and foreign code: suspect where they are imported."""
FILES = Rule("files and processes", "a submission has no files, network or other processes",
    "delete it; all that an optimizer needs are the parameters, their gradients and its own state",
    paths=f"""
        {OUTSIDE_MODULES}
        _thread builtins.input builtins.open bz2 codecs.open dbm fcntl fileinput glob gzip importlib
        io linecache logging.config logging.FileHandler logging.handlers lzma marshal mmap nt
        numpy.ctypeslib numpy.f2py numpy.fromfile numpy.genfromtxt numpy.lib._datasource
        numpy.lib.format numpy.lib.npyio numpy.load numpy.loadtxt numpy.memmap numpy.save
        numpy.savetxt numpy.savez numpy.savez_compressed os pathlib pickle pkgutil posix posixpath
        resource runpy select selectors shelve shutil signal site sqlite3 sys tarfile tempfile
        termios threading tokenize.open torch._C torch.from_file torch.hub torch.jit.load
        torch.jit.save torch.library torch.load torch.multiprocessing torch.ops torch.package
        torch.profiler torch.save torch.serialization torch.storage torch.utils.cpp_extension
        torch.utils.data torch.utils.model_zoo torch.utils.tensorboard tty zipfile zipimport
    """,
    names="""
        DataSource _datasource cpp_extension from_file fromfile genfromtxt load_inline loadtxt
        memmap savez tofile
    """,
)  # fmt: skip
OUTSIDE = Rule("files and processes", "the import alone does nothing, and the sandbox ends its use",
    "delete it", "suspect")  # fmt: skip
COMPILE = Rule("files and processes", "a submission may not write files; torch.compile needs to",
    "delete it: the function computes the same without", guarded="suspect",
    paths="""
        torch._dynamo.export torch._dynamo.optimize torch._inductor torch.compile torch.export
        torch.onnx
    """,
)  # fmt: skip
_DISTRIBUTED = """
    FileStore HashStore TCPStore checkpoint device_mesh.init_device_mesh elastic init_device_mesh
    init_process_group launch launcher rpc run
"""
PROCESS_GROUP = Rule("files and processes", "there is one process and no network",
    "use the file's class for a single device, or a world size of 1 and rank 0",
    paths=" ".join(f"torch.distributed.{name}" for name in _DISTRIBUTED.split()),
)  # fmt: skip
BACKWARD = Rule("one forward-backward", "the harness alone runs forward and backward, once a step",
    "use the gradients in p.grad: no second pass, no Hessian-vector product",
    paths="functorch torch.autograd torch.func torch.nn.utils.stateless",
    names="backward functional_call grad_fn next_functions",
)  # fmt: skip
ENTROPY = Rule("seeds", "it draws from the system, so no run can be repeated",
    "draw from torch, random or numpy.random, which are seeded, or give a seed",
    paths="os.urandom random.SystemRandom secrets torch.random.seed torch.seed uuid",
)  # fmt: skip
HARNESS = Rule("import", "it is the harness, which a submission must not know", "delete it",
    paths="agent autoresearch search_space tracks",
)  # fmt: skip
ONE_FILE = Rule(
    "import", "a submission is one file", "copy what it needs into the file", guarded="suspect"
)
PACKAGE = Rule("import", "only torch, numpy and Python's own modules are available",
    "copy what it needs into the file, or import it inside try/except ImportError",
    guarded="suspect")  # fmt: skip
RULES = (
    *(FILES, OUTSIDE, COMPILE, PROCESS_GROUP, BACKWARD, ENTROPY, HARNESS, ONE_FILE, PACKAGE),
    Rule("unreadable", "it runs code that cannot be read here", "write the code out",
        paths="""
            builtins.__import__ builtins.compile builtins.eval builtins.exec
            cProfile doctest profile timeit torch.jit.CompilationUnit trace types.CodeType
            types.FunctionType typing.ForwardRef typing.get_type_hints unittest
        """,
    ),
    Rule("contract", "it reaches beyond the parameters and gradients",
        "keep what the optimizer needs in its own attributes",
        paths="builtins.globals builtins.locals builtins.vars gc inspect sys._getframe sys.modules",
        names="""
            __builtins__ __closure__ __code__ __globals__ __loader__ __self__ __spec__
            __subclasses__ _getframe ag_frame cr_frame f_back f_builtins f_globals f_locals
            get_objects get_referents get_referrers gi_frame tb_frame walk_stack walk_tb
        """,
    ),
    Rule("contract", "it hooks into the model", "read p.grad in step()",
        names="""
            register_forward_hook register_forward_pre_hook register_full_backward_hook
            register_hook register_post_accumulate_grad_hook
        """,
    ),
    Rule("contract", "a submission has no model; is one rebuilt here?", "", "suspect",
        paths="""
            torch.nn.Embedding torch.nn.Linear torch.nn.Module torch.nn.MultiheadAttention
            torch.nn.functional.scaled_dot_product_attention
        """,
        names="MultiheadAttention scaled_dot_product_attention"),
    Rule("seeds", "seeds and random states are the harness's",
        "draw from torch, random or numpy.random, which are seeded",
        paths="""
            numpy.random.get_state numpy.random.set_state random.getstate random.setstate
            torch.cuda.get_rng_state torch.cuda.initial_seed torch.cuda.set_rng_state
            torch.default_generator torch.get_rng_state torch.initial_seed torch.random.fork_rng
            torch.random.get_rng_state torch.random.initial_seed torch.random.set_rng_state
            torch.set_rng_state
        """,
        names="default_generator fork_rng get_rng_state initial_seed set_rng_state"),
    Rule("seeds", "a seed of its own; is anything of the benchmark rebuilt from it?", "", "suspect",
        names="manual_seed seed"),
    Rule("seeds", "the clock differs in every run; nothing may depend on it", "", "suspect",
        paths="""
            datetime.date.today datetime.datetime.now datetime.datetime.today
            datetime.datetime.utcnow time timeit.default_timer
        """,
    ),
    Rule("files and processes", "a debugger waits for a terminal; there is none", "delete it",
        paths="bdb builtins.breakpoint code ipdb pdb"),
)  # fmt: skip

ALLOWED = """
    __future__ abc argparse array bisect cmath collections contextlib copy dataclasses datetime
    decimal enum fractions functools heapq itertools json logging math numbers numpy operator
    pprint random re statistics string textwrap torch traceback types typing typing_extensions
    warnings weakref
    gc.collect gc.disable gc.enable inspect.isclass inspect.isfunction inspect.signature
    inspect.Parameter io.BytesIO io.StringIO os.cpu_count os.environ os.getenv os.getpid os.name
    os.path.basename os.path.dirname os.path.join os.path.splitext os.sep sys.argv sys.byteorder
    sys.exit sys.float_info sys.getsizeof sys.maxsize sys.platform sys.stderr sys.stdout
    sys.version sys.version_info torch.autograd.enable_grad torch.autograd.grad_mode
    torch.autograd.inference_mode torch.autograd.no_grad torch.autograd.profiler.record_function
    torch.autograd.set_detect_anomaly torch.autograd.set_grad_enabled torch.autograd.Variable
    torch.func.vmap torch.ops.aten torch.profiler.record_function torch.storage.UntypedStorage
    torch.utils.data.Dataset
"""
_DRAWING = """
    numpy.random.MT19937 numpy.random.PCG64 numpy.random.PCG64DXSM numpy.random.Philox
    numpy.random.RandomState numpy.random.SFC64 numpy.random.SeedSequence numpy.random.default_rng
    numpy.random.seed random.Random random.seed
"""
_REEXPORTED = """
    _C _io _os _sys builtins cpp_extension ctypes gc hub importlib inspect linecache
    multiprocessing nt os pathlib pickle posix posixpath runpy shutil socket subprocess sys
    tempfile threading urllib
"""
SEED_WANTED = frozenset(_DRAWING.split())
"""Calls that draw from the system where they get no seed."""
REEXPORTED = frozenset(_REEXPORTED.split())
"""Modules that an allowed module imports itself, and so hands on under its own name."""
TABLE: dict[str, Rule | None] = dict.fromkeys(ALLOWED.split())
TABLE |= {path: rule for rule in RULES for path in rule.paths.split()}
NAMES = {name: rule for rule in RULES for name in rule.names.split()}


def rule_for(path: str) -> Rule | None:
    """The rule that using `path` breaks; None where it breaks none."""
    words = path.split(".")
    for length in range(len(words), 0, -1):
        entry = ".".join(words[:length])
        if entry in TABLE:
            known = TABLE[entry]
            handed_on = known is None and any(word in REEXPORTED for word in words[length:])
            return FILES if handed_on else known
    # of an absent package the import has been found already
    return None


def rule_for_import(module: str) -> Rule | None:
    """The rule that the import itself breaks: of an absent package, of the harness, or of what is
    suspect before it is used.

    Any module of Python may be imported; the use of its names counts.
    """
    top = module.split(".")[0]
    if TABLE.get(top) is HARNESS:
        return HARNESS
    if top in OUTSIDE_MODULES.split():
        return OUTSIDE
    return None if top in sys.stdlib_module_names or top in TABLE else PACKAGE
