"""What a service that answers questions is, and what its answers and failures are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.proposers.llm.prices import Usage


class ServiceError(Exception):
    """No answer came; the message says why in one line.

    `lasting`: another try is of no use until somebody mends it. `maybe_billed`: the service may
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

    def __init__(self) -> None:
        super().__init__("no API key: set ANTHROPIC_API_KEY", lasting=True)


class NoConnectionError(ServiceError):
    """This machine's own settings allow no connection; a study can go on without the model."""

    def __init__(self, message: str) -> None:
        super().__init__(message, lasting=True)


@dataclass(frozen=True)
class Reply:
    """The text of an answer, and why it ended; `usage` is None where none was reported.

    `blocks` are the kinds of what came, text or other.
    """

    text: str
    stop_reason: str
    usage: Usage | None
    blocks: tuple[str, ...] = ("text",)


class Service(Protocol):
    """One model that can be asked."""

    model: str

    def hide(self, secret: str) -> None:
        """Cut `secret` from everything that is sent from now on."""

    def ask(
        self,
        system: str,
        turns: Sequence[Mapping[str, str]],
        schema: Mapping[str, object],
        max_tokens: int,
    ) -> Reply:
        """The answer to the last of `turns`, as JSON after `schema`. Raises ServiceError."""


class Hiding:
    """A service from which all secrets that there are by then are hidden before each question.

    What is sent was written before: it cannot hold a secret that comes later.
    """

    def __init__(self, service: Service, secrets: Callable[[], Iterable[str]]) -> None:
        self.model = service.model
        self._service, self._secrets = service, secrets

    def hide(self, secret: str) -> None:
        self._service.hide(secret)

    def ask(
        self,
        system: str,
        turns: Sequence[Mapping[str, str]],
        schema: Mapping[str, object],
        max_tokens: int,
    ) -> Reply:
        for secret in self._secrets():
            self.hide(secret)
        return self._service.ask(system, turns, schema, max_tokens)


_: type[Service] = Hiding
