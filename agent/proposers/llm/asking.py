"""Answers of a model: paid for, checked, sent back at most twice."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from agent.proposers.llm.prices import MILLION, Price
from agent.proposers.llm.service import Service, ServiceError
from agent.proposers.llm.transcript import Transcript

REPAIRS = 2
MOST_TOKENS, FEWEST_TOKENS = 24_000, 4_000
"""Of an answer, the model's thinking included; with fewer there is no room for a file."""
LONGEST_ANSWER = 10 * MOST_TOKENS
"""Characters of an answer; a longer one would make every further question dear."""
LONGEST_PROBLEM = 6_000
"""Characters of what was wrong that go back."""
ENDS = ("end_turn", "stop_sequence")
"""Reasons to stop of an answer that is whole."""
CHARACTERS_A_TOKEN = 2.0
"""Fewer than any text of ours has, so that a bound is a bound."""

T = TypeVar("T")


class RejectedError(Exception):
    """No answer of the model could be used; the message says why the last one could not."""


class OutOfMoneyError(Exception):
    """The next call could cost more than is left."""


@dataclass(frozen=True)
class Purse:
    """How much may yet be spent, asked for before each call."""

    price: Price
    left_usd: Callable[[], float]

    def tokens_for(self, characters: int) -> int:
        """The most tokens of an answer to a prompt of so many characters.

        Raises OutOfMoneyError where too few are affordable.
        """
        if not (self.price.input or self.price.output):
            return MOST_TOKENS
        left = self.left_usd()
        for_answer = max(0.0, left - self._prompt_usd(characters))
        affordable = int(for_answer / (self.price.output or 1e-12) * MILLION)
        if affordable < FEWEST_TOKENS:
            left = max(0.0, left)
            raise OutOfMoneyError(f"the next call may cost more than the ${left:.2f} that are left")
        return min(MOST_TOKENS, affordable)

    def most_usd(self, characters: int, max_tokens: int) -> float:
        return self._prompt_usd(characters) + self.price.output * max_tokens / MILLION

    def _prompt_usd(self, characters: int) -> float:
        dearest = max(self.price.input, self.price.cache_write)
        return dearest * characters / CHARACTERS_A_TOKEN / MILLION


def _no_gate(_: object) -> None:
    return None


def write(
    service: Service,
    schema: Mapping[str, object],
    system: str,
    transcript: Transcript,
    purse: Purse,
    read: Callable[[str], T],
    gate: Callable[[T], str | None] = _no_gate,
) -> T:
    """What an answer holds, from where the transcript stands; sent back at most twice.

    `read` takes it from the answer's text and raises ValueError with what is wrong; `gate` says why
    it is not good enough, and None where it is. Raises RejectedError, OutOfMoneyError, or
    ServiceError where no answer came.
    """
    while True:
        if transcript.waits_for_answer:
            _call(service, schema, system, transcript, purse)
        if len(transcript.turns[-1]["content"]) > LONGEST_ANSWER:
            raise RejectedError("the answer is longer than any that was asked for")
        stopped = transcript.last_stop_reason
        problem = _CUT_SHORT.get(stopped) or transcript.without_text
        if problem is None:
            try:
                answer = read(transcript.turns[-1]["content"])
                problem = gate(answer)
            except ValueError as error:
                problem = str(error)
                if stopped not in ENDS:
                    problem += f" (the answer stopped with {stopped})"
            if problem is None:
                return answer
        if stopped == "refusal" or transcript.answers > REPAIRS:
            raise RejectedError(problem)
        told = problem if len(problem) <= LONGEST_PROBLEM else f"{problem[:LONGEST_PROBLEM]}..."
        transcript.say(
            f"That was not accepted:\n\n{told}\n\nAnswer again, whole, with this mended."
        )


_CUT_SHORT = {
    "max_tokens": "The answer was cut off, being too long. Write less.",
    "model_context_window_exceeded": "The answer was cut off, being too long. Write less.",
    "refusal": "the model refused to answer",
}


def _call(
    service: Service,
    schema: Mapping[str, object],
    system: str,
    transcript: Transcript,
    purse: Purse,
) -> None:
    characters = sum(len(turn["content"].encode()) for turn in transcript.turns)
    characters += len(system.encode()) + len(str(schema))
    max_tokens = purse.tokens_for(characters)
    transcript.calling(purse.most_usd(characters, max_tokens), purse.price.as_of)
    began = time.monotonic()
    try:
        reply = service.ask(system, transcript.turns, schema, max_tokens)
    except ServiceError as error:
        seconds = time.monotonic() - began
        transcript.failed(str(error), seconds, maybe_billed=error.maybe_billed)
        raise
    transcript.answered(reply, purse.price, time.monotonic() - began)
