"""An agent with the tools alone takes a study from its first context to a committed winner."""

import os
import re
import sys
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import TextContent

from helpers import ROOT
from helpers.repositories import new_repository

pytestmark = [pytest.mark.processes, pytest.mark.campaign]

(SECOND,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / "SKILL.md").read_text(), re.S | re.M)


class Agent:
    """Calls tools, and keeps what they report."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.progress: list[str] = []

    async def call(self, tool: str, **arguments: object) -> str:
        """The data of the answer."""

        async def said(done: float, total: float | None, line: str | None) -> None:
            self.progress.append(line or "")

        result = await self._client.call_tool(tool, arguments, progress_callback=said)
        (content,) = result.content
        assert isinstance(content, TextContent)
        assert not result.is_error, content.text
        return content.text.split(">\n", 1)[1].rsplit("\n<", 1)[0]


async def worked(client: Client, drafts: Path) -> None:
    agent = Agent(client)
    code = await agent.call("space", item="adamw_fast", form="code", track="mqar")
    (drafts / "first.py").write_text(code)
    (drafts / "second.py").write_text(SECOND)
    begun = {"study": "mine", "track": "mqar", "scale": "small"}
    first = {"file": "drafts/first.py", "hypothesis": "a larger step size"}
    with anyio.move_on_after(1.0) as stopped:
        await agent.call("propose", **begun, **first)
    assert stopped.cancelled_caught
    assert '"trial": 0' in await agent.call("propose", **begun, **first)
    assert "1 of 5 trials are finished" in await agent.call("context", study="mine")
    second = {"file": "drafts/second.py", "hypothesis": "rows rest", "parents": [0]}
    assert '"rank": 1' in await agent.call("propose", study="mine", **second)
    assert "**Accepted**: lazy-signs" in await agent.call("run", study="mine", winner="lazy-signs")
    assert any("stage 2 of 7: confirm" in line for line in agent.progress)


@pytest.mark.timeout(3600)
def test_from_the_first_context_to_a_committed_winner(workspace_folder: Path) -> None:
    repository = new_repository(workspace_folder, "drafts/")
    drafts = workspace_folder / "drafts"
    drafts.mkdir()
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "agent", "mcp", "--budget", "5"],
        env=environment,
        cwd=workspace_folder,
    )

    async def use() -> None:
        async with Client(server) as client:
            await worked(client, drafts)

    anyio.run(use)
    files = repository.git.ls_tree("-r", "--name-only", "autoresearch/mine").splitlines()
    assert "submissions/lazy-signs/evidence.json" in files
