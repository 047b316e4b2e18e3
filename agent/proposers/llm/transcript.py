"""What was said with a model for one trial, and what that cost; written before it is used."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.proposers.llm.prices import Price, Usage, cost
from agent.proposers.llm.service import Reply
from agent.study.errors import UserError
from agent.study.workspace import read_json, write_json

SCHEMA_VERSION = 1
FILE = "transcript.json"
NOTHING = "(nothing)"
"""In place of an answer without a text: the service takes no empty turn."""


class Transcript:
    """Turns and calls of one trial, kept as `transcript.json` in its folder.

    A call is written before it is made, at the most that it can cost, and again with what it did
    cost: a killed process neither forgets a call nor makes one again whose answer it has. `told`
    hears the calls whenever they change.
    """

    def __init__(
        self,
        folder: Path,
        model: str,
        told: Callable[[list[dict[str, Any]]], None],
        booked: list[dict[str, Any]] | None = None,
    ) -> None:
        """`booked` are the calls that the ledger knows of, should the file be gone.

        Raises UserError for a file that is not one of these.
        """
        self._path, self._model, self._told = folder / FILE, model, told
        kept = self._read() or {"turns": [], "calls": booked or []}
        self.turns: list[dict[str, str]] = kept["turns"]
        self.calls: list[dict[str, Any]] = kept["calls"]
        self._system: str | None = kept.get("system")
        if self.calls:
            told(self.calls)

    @property
    def answers(self) -> int:
        return sum(turn["role"] == "assistant" for turn in self.turns)

    @property
    def waits_for_answer(self) -> bool:
        return self.turns[-1]["role"] == "user"

    @property
    def last_stop_reason(self) -> str:
        """Of the last call that was answered."""
        answered = [call for call in self.calls if call["state"] == "answered"]
        reason: str = answered[-1]["stop_reason"]
        return reason

    @property
    def without_text(self) -> str | None:
        """What came in place of a text; None where the last answer has one."""
        if self.turns[-1]["content"] != NOTHING:
            return None
        answered = [call for call in self.calls if call["state"] == "answered"]
        kinds = answered[-1].get("blocks", [])
        came = ", ".join("an empty text" if k == "text" else k for k in kinds) or "no content"
        reason = answered[-1]["stop_reason"]
        return f"The answer has no text; what came: {came} (stop reason {reason})."

    def begin(self, system: str, task: str) -> None:
        """The first turn; `system` names the text that every call begins with."""
        self._system = system
        self.say(task)

    def say(self, text: str) -> None:
        self.turns.append({"role": "user", "content": text})
        self._save()

    def calling(self, most_usd: float, prices: str) -> None:
        """A call is about to be made; `prices` says of when they are."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        call = {"state": "sent", "model": self._model, "at": now, "usd": most_usd, "prices": prices}
        self.calls.append(call)
        self._save()

    def answered(self, reply: Reply, price: Price, seconds: float) -> None:
        """Its answer; where no usage was reported the most that it can cost stays."""
        usage = reply.usage or Usage()
        call = self.calls[-1]
        call |= {"state": "answered", "stop_reason": reply.stop_reason, "seconds": seconds}
        call |= {"blocks": list(reply.blocks), "input": usage.input, "output": usage.output}
        call |= {"cache_write": usage.cache_write, "cache_read": usage.cache_read}
        if reply.usage:
            call["usd"] = cost(price, usage)
        text = reply.text if reply.text.strip() else NOTHING
        self.turns.append({"role": "assistant", "content": text})
        self._save()

    def failed(self, reason: str, seconds: float, *, maybe_billed: bool) -> None:
        call = self.calls[-1]
        call |= {"state": "failed", "reason": reason, "seconds": seconds}
        if not maybe_billed:
            call["usd"] = 0.0
        self._save()

    def _read(self) -> dict[str, Any] | None:
        try:
            kept: dict[str, Any] | None = read_json(self._path)
            if kept is not None:
                talk = [turn["role"] + turn["content"] for turn in kept["turns"]]
                answers = sum(turn["role"] == "assistant" for turn in kept["turns"])
                states = [call["state"] for call in kept["calls"] if call["usd"] >= 0]
                if not talk or states.count("answered") < answers:
                    raise ValueError("turns and calls do not belong together")
            return kept
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
            raise UserError(
                f"{self._path}: not a transcript ({error}); mend it, or remove it to ask again"
            ) from error

    def _save(self) -> None:
        content = {"schema_version": SCHEMA_VERSION, "model": self._model, "system": self._system}
        write_json(self._path, content | {"turns": self.turns, "calls": self.calls})
        self._told(self.calls)
