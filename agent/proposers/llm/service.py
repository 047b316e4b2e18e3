"""A service that answers questions: its contract, its answers and its failures."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.proposers.llm.prices import Price, Usage


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

    model: str

    @abstractmethod
    def hide(self, secret: str) -> None:
        """Cut `secret` from everything that is sent from now on."""

    @abstractmethod
    def ask(
        self,
        system: str,
        turns: Sequence[Mapping[str, str]],
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
