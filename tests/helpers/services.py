"""The services that the scripted server plays, as a user names and reaches them."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.proposers.llm.chat import Chat
from agent.proposers.llm.command import Command
from agent.proposers.llm.connection import Api
from agent.proposers.llm.messages import Messages
from agent.proposers.llm.service import Service

KEY = "sk-ant-not-for-anybody"
AGENT = shlex.join([sys.executable, "-S", str(Path(__file__).with_name("fake_agent.py"))])


@dataclass(frozen=True)
class Played:
    """A service of the scripted server."""

    model: str
    """As `--model` names it."""
    api: Api | None = None
    """None for a command."""
    version: str = ""
    """At the end of an address."""

    def __str__(self) -> str:
        return self.api.name.split()[0].lower() if self.api else "command"

    def environment(self, url: str) -> dict[str, str]:
        if self.api is None:
            return {"AGENT_URL": url}
        return {self.api.address: url + self.version, self.api.key: KEY}

    def opened(self, silence_s: float = 60.0, pauses_s: Sequence[float] = ()) -> Service:
        """For a command `silence_s` is all the time that it gets."""
        if self.api is None:
            return Command(AGENT, ["AGENT_URL"], silence_s)
        if self.api is Messages.api:
            return Messages(self.model, silence_s, pauses_s)
        return Chat(self.model.removeprefix("openai:"), silence_s, pauses_s)

    def asked_at(self, url: str) -> str:
        return f"{url}{self.version}/{self.api.path}" if self.api else "command:"


MESSAGES = Played("claude-opus-5-5", Messages.api)
CHAT = Played("openai:tiny", Chat.api, "/v1")
COMMAND = Played(f"command:{AGENT}")
REMOTE = [MESSAGES, CHAT]
EVERY = [*REMOTE, COMMAND]
