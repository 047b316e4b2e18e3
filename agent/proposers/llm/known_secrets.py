"""Secrets that no text may take along: of the environment, and of the studies of a ledger."""

import os
import re
from collections.abc import Iterable
from urllib.parse import unquote

from agent.study.ledger import Ledger
from agent.study.workspace_checks import KEYS
from agent.verdict.comparison_keys import drawn_keys
from tracks.instance import WIDE

SECRET_NAME = re.compile("key|token|auth|secret|cookie|password", re.I)
"""The name of a header or a variable that holds a secret."""
HEADERS = ("ANTHROPIC_CUSTOM_HEADERS", "OPENAI_CUSTOM_HEADERS")
"""Variables with a header a line."""
ADDRESSES = ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL")
PASSWORD = re.compile(r"//[^/:\s]*:([^/\s]*)@")
"""In an address, to the last @ before the path."""


def secrets_of_environment(granted: Iterable[str] = ()) -> list[str]:
    """Secrets of the services of all vendors, whichever is asked: keys, headers and passwords.

    `granted` are names of further variables, of which those that are named like secrets count.
    """
    named = (*KEYS, *(name for name in granted if SECRET_NAME.search(name)))
    found = [os.environ.get(name, "") for name in named]
    for name in HEADERS:
        lines = [line.partition(":") for line in os.environ.get(name, "").splitlines()]
        found += [value.strip() for header, _, value in lines if SECRET_NAME.search(header)]
    for name in ADDRESSES:
        for password in PASSWORD.findall(os.environ.get(name, "")):
            # the address has it encoded, a client decodes it
            found += [password, unquote(password)]
    return [secret for secret in found if secret]


def known_secrets(ledger: Ledger) -> list[str]:
    """Those of the environment, also what studies grant to commands, and keys of comparisons."""
    kept = [study.overrides for study in ledger.all()]
    granted = [name for one in kept for name in (*one.model_env, *one.event_env)]
    keys = drawn_keys(ledger)
    # the bytes of a text are found in base64 where all of it is hexadecimal
    digits = [key.removeprefix(WIDE) for key in keys]
    return [*secrets_of_environment(granted), *keys, *digits]
