"""The conversation with a model for one trial and its cost; written before it is used."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from agent.proposers.llm.prices import Price, Usage, cost
from agent.proposers.llm.service import Reply
from agent.study.errors import UserError
from agent.study.records import Call, Record
from agent.study.workspace import read_json, write_json

SCHEMA_VERSION = 1
FILE = "transcript.json"
NOTHING = "(nothing)"
"""In place of an answer without a text: the service takes no empty turn."""


class Turn(Record, frozen=True):
    role: Literal["user", "assistant"]
    content: str


class Conversation(Record, frozen=True):
    """The file. `system` names the text that every call begins with."""

    schema_version: Literal[1]
    model: str
    system: str | None
    turns: tuple[Turn, ...]
    calls: tuple[Call, ...]


class Transcript:
    """Turns and calls of one trial, kept as `transcript.json` in its folder.

    A call is written before it is made, at the most that it can cost, and again with its cost: a
    killed process neither forgets a call nor repeats one whose answer it has. `keep_calls` gets the
    calls whenever they change.
    """

    def __init__(
        self,
        folder: Path,
        model: str,
        keep_calls: Callable[[Sequence[Call]], None],
        booked: Sequence[Call] = (),
    ) -> None:
        """`booked` are the calls in the ledger, should the file be gone.

        Raises UserError for a file that is not a transcript.
        """
        self._path, self._model, self._keep_calls = folder / FILE, model, keep_calls
        kept = self._read()
        self.turns: list[dict[str, str]] = [t.to_json() for t in kept.turns] if kept else []
        self.calls: list[Call] = list(kept.calls if kept else booked)
        self._system = kept.system if kept else None
        if self.calls:
            keep_calls(self.calls)

    @property
    def answers(self) -> int:
        return sum(turn["role"] == "assistant" for turn in self.turns)

    @property
    def waits_for_answer(self) -> bool:
        return self.turns[-1]["role"] == "user"

    @property
    def last_stop_reason(self) -> str:
        """Of the last call that was answered."""
        return self._last_answered.stop_reason or ""

    @property
    def without_text(self) -> str | None:
        """The content in place of a text; None where the last answer has a text."""
        if self.turns[-1]["content"] != NOTHING:
            return None
        call = self._last_answered
        kinds = ("an empty text" if kind == "text" else kind for kind in call.blocks)
        content = ", ".join(kinds) or "no content"
        return f"The answer has no text, but {content} (stop reason {call.stop_reason})."

    @property
    def _last_answered(self) -> Call:
        return [call for call in self.calls if call.state == "answered"][-1]

    def begin(self, system: str, task: str) -> None:
        """The first turn."""
        self._system = system
        self.say(task)

    def say(self, text: str) -> None:
        self.turns.append({"role": "user", "content": text})
        self._save()

    def calling(self, most_usd: float, prices: str) -> None:
        """A call is about to be made; `prices` is the date of the prices."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.calls.append(
            Call(state="sent", model=self._model, at=now, usd=most_usd, prices=prices)
        )
        self._save()

    def answered(self, reply: Reply, price: Price, seconds: float) -> None:
        """Its answer; where no usage was reported the most that it can cost stays."""
        usage = reply.usage or Usage()
        self._end_call(
            state="answered",
            stop_reason=reply.stop_reason,
            seconds=seconds,
            blocks=reply.blocks,
            usd=cost(price, usage) if reply.usage else self.calls[-1].usd,
            **vars(usage),
        )
        text = reply.text if reply.text.strip() else NOTHING
        self.turns.append({"role": "assistant", "content": text})
        self._save()

    def failed(self, reason: str, seconds: float, *, maybe_billed: bool) -> None:
        usd = self.calls[-1].usd if maybe_billed else 0.0
        self._end_call(state="failed", reason=reason, seconds=seconds, usd=usd)
        self._save()

    def _end_call(self, **how: object) -> None:
        self.calls[-1] = self.calls[-1].model_copy(update=how)

    def _read(self) -> Conversation | None:
        try:
            content = read_json(self._path)
            if content is None:
                return None
            kept = Conversation.model_validate(content)
            answers = sum(turn.role == "assistant" for turn in kept.turns)
            answered = sum(call.state == "answered" and call.usd >= 0 for call in kept.calls)
            if not kept.turns or answered < answers:
                raise ValueError("turns and calls do not belong together")
            return kept
        except (ValueError, RecursionError, OSError) as error:
            raise UserError(
                f"{self._path}: not a transcript ({error}); repair it, or remove it to ask again"
            ) from error

    def _save(self) -> None:
        content = {"schema_version": SCHEMA_VERSION, "model": self._model, "system": self._system}
        calls = [call.to_json() for call in self.calls]
        write_json(self._path, content | {"turns": self.turns, "calls": calls})
        self._keep_calls(self.calls)
