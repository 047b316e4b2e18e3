"""The rule checker: which rules a file breaks, and on which lines."""

import importlib
from importlib.util import find_spec
from pathlib import Path

import pytest

from agent.proposers.gates.known import known_submissions
from agent.study.workspace import Workspace
from helpers import ROOT, sources
from search_space.recipes import RECIPES
from tracks.rules import rulebook
from tracks.rules.checker import check
from tracks.submission import InvalidSubmissionError, Submission, parse_submission

BREAKS = {
    "import": [
        "import tracks.instance",
        "from . import other",
        "import scipy.linalg as linalg",
    ],
    "files and processes": [
        "x = open('runs/ledger.db')",
        "open = open\nx = open('runs/ledger.db')",
        "def f(path, open=open): return path",
        "import os\nos.system('true')",
        "from os import environ as e, system\nx = e['RANK'], system('true')",
        "import os\nx = [os]",
        "import os\nclass A:\n    o = os\nA.o.remove('x')",
        "def f():\n    import os\n    def g(): os.remove('x')",
        "import os.path\nx = os.path.exists('runs')",
        "from pathlib import Path\nx = Path('.').read_text()",
        "import importlib as i\ni.import_module('os')",
        "import pickle\nx = pickle.loads(b'')",
        "import pdb\npdb.set_trace()",
        "from socket import create_connection\ncreate_connection(('a', 1))",
        "import socketserver as s\ns.TCPServer(('', 1), None)",
        "import _posixsubprocess\nx = _posixsubprocess.fork_exec",
        "import logging\nlogging.basicConfig(filename='log.txt')",
        "from warnings import sys as q\nx = q.modules['os']",
        "x = getattr(warnings, 's' + 'ys')",
        "import torch\nx = torch.utils.data._utils.os",
        "import operator\nx = operator.attrgetter('linecache.os.system')(warnings)",
        "import warnings\nx = warnings.__dict__['sys']",
        "import warnings\nx = warnings.__getattribute__('sys')",
        "from statistics import sys",
        "__name__ = '__main__'\nif __name__ == '__main__':\n    open('x')",
        "import numpy as np\nx = np.load('data.npy')",
        "import torch\nx = torch.load('teacher.pt')",
        "from torch import save\nsave(1, 'x')",
        "import torch as t\nu = t\nu.save(1, 'x')",
        "from torch.utils import cpp_extension",
        "import torch.multiprocessing as mp\nmp.spawn(print)",
        "import torch\ngetattr(torch, 'save')(1, 'x')",
        "import torch\nf = torch.compile(print)",
        "import torch._dynamo\nf = torch._dynamo.optimize()(print)",
        "import contextlib\ncontextlib.os.system('true')",
        "import numpy\nnumpy.lib._datasource._file_openers[None]('x')",
        "from numpy.lib import _datasource as d\nd.open('x')",
        "import numpy\nnumpy.DataSource().open('x')",
        "import numpy as np\nnp.lib.npyio.DataSource(None).open('x')",
        "import numpy as np\nx = getattr(np, 'DataSource')",
        "import codecs\ncodecs.open('x')",
        "import torch as t\nt.utils.cpp_extension.load_inline('x', 'y')",
    ],
    "seeds": [
        "x = 1729",
        "x = int('0x6c1', 16)",
        "x = int('17' + '29')",
        "x = int(b'1729')",
        "x = 1700 + 29",
        "x = -(-0x6c0 - 1)",
        "x = (3 << 9) + (2 ** 7 + 2 ** 6) + 1",
        "x = float('1729')",
        "import torch\nx = torch.initial_seed()",
        "x = torch.get_rng_state()",
        "import numpy as np\nx = np.random.default_rng()",
        "import numpy as np\nx = np.random.RandomState(None)",
        "import random\nx = random.Random()",
        "import random\nx = random.SystemRandom(3)",
        "import torch\nx = torch.Generator().seed()",
        "import torch\ntorch.seed()",
        "import secrets\nx = secrets.randbits(3)",
        "import uuid\nx = uuid.uuid4()",
        "import os\nx = os.urandom(3)",
        "import random, numpy\nx = random.getstate()",
        "import numpy as np\nx = np.random.get_state()",
    ],
    "contract": [
        "x = (1).__class__.__base__.__subclasses__()",
        "import sys as s\nx = s._getframe(1).f_locals",
        "x = getattr(f, '__globals__')",
        "x = locals()",
        "def f(): return globals()",
        "import numpy as np\nx = np.sum.__globals__.get('os')",
        "x = print.__self__.open('x')",
        "x = __loader__.load_module('os')",
        "p.register_hook(print)",
        "x = '{0.__globals__}'.format(f)",
        "x = str.format('{0:{1.__globals__}}', 1, f)",
        "x = '{f.__globals__[os]}'.format_map({'f': f})",
        "import string\nx = string.Formatter().get_field('0.__globals__', [f], {})",
        "match f:\n    case object(__globals__=g):\n        pass",
        "async def f():\n    yield\nx = f().ag_frame",
        "import traceback\nx = list(traceback.walk_stack(None))",
    ],
    "one forward-backward": [
        "loss.backward()",
        "import torch\ng = torch.autograd.grad(loss, p)",
        "from torch.func import functional_call",
        "x = p.grad_fn",
    ],
    "unreadable": [
        "exec('import ' + 'os')",
        "x = __import__('os')",
        "import timeit\ntimeit.timeit('import os')",
        "import cProfile\ncProfile.run('import os')",
        "import typing\nx = typing.get_type_hints(A)",
    ],
}
SUSPECT = {
    "seeds": [
        "import torch\ng = torch.Generator().manual_seed(3)",
        "import time\nx = time.time()",
        "import timeit\nx = timeit.default_timer()",
        "import datetime\nx = datetime.datetime.now()",
    ],
    "import": ["try:\n    import triton\nexcept ImportError:\n    triton = None"],
    "files and processes": [
        "import torch\nif FAST:\n    f = torch.compile(print)",
        "import socket, urllib.request",
        "from concurrent import futures",
    ],
    "contract": ["from torch import nn\nx = nn.MultiheadAttention(8, 1)", "x = 4160"],
    "unreadable": [
        "x = getattr(p, name)",
        "x = table[key](p)",
        "from torch import *",
        "import torch\nf(torch)",
    ],
}


def found(text: str) -> dict[str, set[str]]:
    """Rules by level that `text`, put before a plain optimizer, breaks."""
    rules: dict[str, set[str]] = {"forbidden": set(), "suspect": set()}
    for finding in check(Submission(f"{text}\n{sources.TORCH_ADAMW}")):
        assert finding.line <= text.count("\n") + 1
        rules[finding.level].add(finding.rule)
    return rules


@pytest.mark.parametrize(("rule", "text"), [(r, t) for r, texts in BREAKS.items() for t in texts])
def test_what_breaks_a_rule_is_found_on_its_line(rule: str, text: str) -> None:
    assert rule in found(text)["forbidden"]


@pytest.mark.parametrize(("rule", "text"), [(r, t) for r, texts in SUSPECT.items() for t in texts])
def test_what_may_be_innocent_is_shown_and_not_forbidden(rule: str, text: str) -> None:
    assert found(text) == {"forbidden": set(), "suspect": {rule}}


INNOCENT = [
    "import os, sys, re, pdb, logging, argparse, json, pickle, torch.distributed as dist",
    "import os, sys\nx = int(os.environ.get('RANK', 0)) if sys.platform else os.getenv('RANK')",
    "import re\nx = re.compile('a')",
    "import random, numpy as np, torch\nx = random.random(), np.random.rand(3), torch.rand(3)",
    "import numpy as np\nx = np.random.default_rng(3), np.random.RandomState(seed=3)",
    "from torch.autograd import Variable\nx = Variable(y)",
    "import torch\nx = torch.jit.is_scripting(), torch.compiler.is_compiling()",
    "import torch.distributed as dist\nx = dist.is_initialized() and dist.get_world_size()",
    "import typing\nif typing.TYPE_CHECKING:\n    from lightning import Trainer",
    "if __name__ == '__main__':\n    import matplotlib\n    open('x').read()",
    "def f(input, vars, load): return input(vars, load)",
    "x.load(), x.save(), x.compile(), x.eval(), x.select(0), x.trace()",
    "def f(lr, beta): return dict(locals())",
    "from io import StringIO\nx = StringIO()",
    "x = hasattr(torch, 'compile')",
    "x = 'step {0}, {1.shape}, {{}}'.format(1, p), '{'.format()",
    "match x:\n    case Exception(args=a):\n        pass",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_what_a_run_in_the_sandbox_can_do_is_allowed(text: str) -> None:
    assert found(text) == {"forbidden": set(), "suspect": set()}


def test_the_rule_book_names_what_exists() -> None:
    """A name that is misspelt would forbid nothing."""
    for path in [*rulebook.TABLE, *rulebook.SEED_WANTED]:
        top, *rest = path.split(".")
        if top in ("torch", "numpy", "random", "os", "sys", "builtins", "inspect", "gc", "io"):
            *inside, last = [top, *rest]
            owner = importlib.import_module(top)
            for word in inside[1:]:
                owner = getattr(owner, word)
            assert not rest or hasattr(owner, last) or find_spec(path), path


def test_the_documentation_has_every_rule() -> None:
    text = (ROOT / "docs" / "rules.md").read_text()
    for rule in rulebook.RULES:
        assert f"| {rule.reason} | {rule.remedy or 'a person reads it'} |" in text


def test_a_name_in_a_string_is_shown_printable() -> None:
    source = (
        f"import torch\nx = getattr(torch, 'save.\\x1b[31m' + {'y' * 999!r})\n{sources.TORCH_ADAMW}"
    )
    (finding,) = check(Submission(source))
    assert finding.message.startswith("torch.save.?[31myyy")
    assert len(finding.message) <= 300


def test_what_is_nested_too_deeply_is_refused() -> None:
    submission = Submission(f"x = {'+'.join('1' * 400)}\n{sources.TORCH_ADAMW}")
    parse_submission(submission)
    assert [finding.rule for finding in check(submission)] == ["unreadable"]


@pytest.mark.parametrize("under_main", [False, True])
def test_how_deep_a_file_may_be_does_not_depend_on_who_reads_it(under_main: bool) -> None:
    parse_submission(Submission(sources.nested(490, under_main=under_main)))
    for depth in (510, *range(2800, 3000, 8)):
        submission = Submission(sources.nested(depth, under_main=under_main))
        with pytest.raises(InvalidSubmissionError, match="nested too deeply; expected at most 500"):
            parse_submission(submission)
        if not under_main:
            assert [finding.rule for finding in check(submission)] == ["unreadable"]


def test_a_file_must_define_the_class() -> None:
    assert check(Submission("x = 1"))[0].message.startswith("no class Submission")
    function = "def Submission(params): return torch.optim.SGD(params, lr=0.1)"
    assert check(Submission(function))[0].message.startswith("no class Submission")
    assert check(Submission("class Submission: ..."))[0].message.startswith(
        "Submission has no base"
    )


def test_honest_optimizers_pass(workspace_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.proposers.gates.known.RECIPES", RECIPES)
    for name, source in sources.WELL_BEHAVED.items():
        assert check(Submission(source)) == [], name
    for name, submission in known_submissions(Workspace(workspace_folder)):
        assert check(submission) == [], name
