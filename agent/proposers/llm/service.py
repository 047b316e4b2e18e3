"""A service that answers questions: its contract, its answers and its failures."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.proposers.llm.prices import Price, Usage
from agent.proposers.llm.redaction import Redaction

LONGEST_S = 1800.0
"""Seconds of an answer before it has failed."""
LONGEST_MESSAGE = 2**22
"""Bytes of an answer that comes as a whole."""
LONGEST_STREAM = 2**26
"""Bytes of an answer with everything around its text; each token has a few hundred."""

Turns = Sequence[Mapping[str, str]]
"""What was said so far: `role` is user or assistant, `content` the text."""


class ServiceError(Exception):
    """No answer came; the message gives the reason in one line.

    `lasting`: another try fails too until a person fixes the cause. `maybe_billed`: the service may
    have worked on it before the connection was lost. `wait_s`: seconds that it asks to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        lasting: bool = False,
        maybe_billed: bool = False,
        wait_s: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.lasting, self.maybe_billed, self.wait_s = lasting, maybe_billed, wait_s


class NoKeyError(ServiceError):
    """No key is set."""


class NoConnectionError(ServiceError):
    """This machine's own settings allow no connection; a study can continue without the model."""


@dataclass(frozen=True)
class Reply:
    """The text of an answer, and why it ended; `usage` is None where none was reported.

    `blocks` are the kinds of its content, text or other.
    """

    text: str
    stop_reason: str
    usage: Usage | None
    blocks: tuple[str, ...] = ("text",)


class Service(ABC):
    """One model that can be asked. `Asker` calls it, one call for each answer."""

    def __init__(self, model: str, secrets: Iterable[str]) -> None:
        """`model` as `--model` names it, and the secrets that it is not to be sent."""
        self.model = model
        self._redaction = Redaction()
        for secret in secrets:
            self.hide(secret)

    def hide(self, secret: str) -> None:
        """Cut `secret` from every text that is sent from now on, and from every error."""
        self._redaction.hide(secret)

    @abstractmethod
    def price(self) -> Price:
        """The price of its answers, where none is given. Raises ValueError for an unknown one."""

    @abstractmethod
    def ask(
        self,
        system: str,
        turns: Turns,
        schema: Mapping[str, object],
        max_tokens: int,
    ) -> Reply:
        """The answer to the last of `turns`, as JSON after `schema`. Raises ServiceError."""


@dataclass(frozen=True)
class Paid:
    """A service with its price and the most that it may cost, in US dollars."""

    service: Service
    price: Price
    max_usd: float
