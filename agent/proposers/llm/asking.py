"""Answers of a model: paid for, checked, and sent back at most twice."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TypeVar

from agent.proposers.llm.known_secrets import secrets_of_environment
from agent.proposers.llm.prices import MILLION, Price
from agent.proposers.llm.service import Service, ServiceError
from agent.proposers.llm.transcript import Transcript

REPAIRS = 2
MOST_TOKENS, FEWEST_TOKENS = 24_000, 4_000
"""Of an answer, the model's thinking included; with fewer there is no room for a file."""
LONGEST_ANSWER = 10 * MOST_TOKENS
"""Characters of an answer; a longer one would make every further question expensive."""
LONGEST_PROBLEM = 6_000
"""Characters of a problem that go back to the model."""
ENDS = ("end_turn", "stop_sequence")
"""Reasons to stop of an answer that is whole."""
CUT_OFF = "The answer was cut off, being too long. Write less."
PROBLEMS = {
    "max_tokens": CUT_OFF,
    "model_context_window_exceeded": CUT_OFF,
    "refusal": "the model refused to answer",
}
"""Of answers that are not read, by their reason to stop."""
CHARACTERS_A_TOKEN = 2.0
"""Fewer than any text of ours has, so that the bound on the cost holds."""

T = TypeVar("T")


class RejectedError(Exception):
    """No answer of the model could be used; the message is the last one's problem."""


class OutOfMoneyError(Exception):
    """The next call could cost more than is left."""


@dataclass(frozen=True)
class Asker:
    """Questions to one service with the same system text, the same schema and one budget.

    `left_usd` are the dollars that are left, requested before each call; while it is `reserving`,
    from then until the most that the call can cost is written, no other asker does the same.
    `secrets` are cut from what is sent. A text that was written before a secret existed cannot
    hold it.
    """

    service: Service
    schema: Mapping[str, object]
    system: str
    price: Price
    left_usd: Callable[[], float]
    reserving: Callable[[], AbstractContextManager[None]] = nullcontext
    secrets: Callable[[], Iterable[str]] = secrets_of_environment

    def answer(
        self,
        transcript: Transcript,
        read: Callable[[str], T],
        gate: Callable[[T], str | None] = lambda _: None,
    ) -> T:
        """The content of an answer, from where the transcript stands; sent back at most twice.

        `read` takes it from the answer's text and raises ValueError with the problem; `gate`
        returns why it is not good enough, or None. Raises RejectedError, OutOfMoneyError, or
        ServiceError where no answer came.
        """
        while True:
            if transcript.waits_for_answer:
                self._call(transcript)
            text, stopped = transcript.turns[-1]["content"], transcript.last_stop_reason
            if len(text) > LONGEST_ANSWER:
                raise RejectedError("the answer is longer than was asked for")
            problem = PROBLEMS.get(stopped) or transcript.without_text
            if problem is None:
                try:
                    answer = read(text)
                    problem = gate(answer)
                except ValueError as error:
                    problem = str(error)
                    if stopped not in ENDS:
                        problem += f" (the answer stopped with {stopped})"
                if problem is None:
                    return answer
            if stopped == "refusal" or transcript.answers > REPAIRS:
                raise RejectedError(problem)
            cut = "..." if len(problem) > LONGEST_PROBLEM else ""
            transcript.say(
                f"That was not accepted:\n\n{problem[:LONGEST_PROBLEM]}{cut}\n\n"
                "Fix it and answer again with the whole object."
            )

    def _call(self, transcript: Transcript) -> None:
        characters = sum(len(turn["content"].encode()) for turn in transcript.turns)
        # some services get the schema as text too
        characters += len(self.system.encode()) + 2 * len(str(self.schema))
        for secret in self.secrets():
            self.service.hide(secret)
        with self.reserving():
            max_tokens, most_usd = self._affordable(characters)
            transcript.calling(most_usd, self.price.as_of)
        began = time.monotonic()
        try:
            reply = self.service.ask(self.system, transcript.turns, self.schema, max_tokens)
        except ServiceError as error:
            seconds = time.monotonic() - began
            transcript.failed(str(error), seconds, maybe_billed=error.maybe_billed)
            raise
        transcript.answered(reply, self.price, time.monotonic() - began)

    def _affordable(self, characters: int) -> tuple[int, float]:
        """The most tokens of an answer to a prompt of this length, and the most dollars of both.

        Raises OutOfMoneyError.
        """
        price, max_tokens = self.price, MOST_TOKENS
        highest = max(price.input, price.cache_write)
        prompt_usd = highest * characters / CHARACTERS_A_TOKEN / MILLION
        if price.input or price.output:
            left = max(0.0, self.left_usd())
            for_answer = max(0.0, left - prompt_usd)
            affordable = int(for_answer / (price.output or 1e-12) * MILLION)
            if affordable < FEWEST_TOKENS:
                raise OutOfMoneyError(
                    f"the next call may cost more than the ${left:.2f} that are left"
                )
            max_tokens = min(MOST_TOKENS, affordable)
        return max_tokens, prompt_usd + price.output * max_tokens / MILLION
