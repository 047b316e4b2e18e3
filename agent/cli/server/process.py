"""A verb as a process of its own, whose progress is passed on line by line."""

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import anyio
from anyio.abc import ByteReceiveStream, Process
from anyio.streams.text import TextReceiveStream

from agent.cli.output import FAILED
from agent.study.errors import UserError

# -P: no file of the current folder is taken for a module
COMMAND = (sys.executable, "-P", "-m", "agent")
ENDS_S = 20.0
"""Time in which a verb that is stopped ends in order."""
PREFIX = "autoresearch: "
Said = Callable[[str], Awaitable[None]]


async def printed_by(words: Sequence[str], said: Said) -> str:
    """What a verb prints; `said` gets each line of its progress.

    A cancelled call stops the verb as Ctrl-C does. Raises UserError with the verb's last line where
    it neither did its job nor reports a failed submission.
    """
    try:
        process = await anyio.open_process([*COMMAND, *words], stdin=subprocess.DEVNULL)
    except (OSError, ValueError) as error:
        raise UserError("an argument is too long, or has a character that is no text") from error
    lines: list[str] = []

    async def follow(stream: ByteReceiveStream) -> None:
        async for line in _lines(stream):
            lines.append(line)
            await said(line)

    try:
        assert process.stdout
        assert process.stderr
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(follow, process.stderr)
            printed = b"".join([chunk async for chunk in process.stdout])
        status = await process.wait()
    finally:
        with anyio.CancelScope(shield=True):
            await _ended(process)
    if status not in (0, FAILED) or not printed:
        raise UserError(lines[-1].removeprefix(PREFIX) if lines else f"it ended with {status}")
    return printed.decode("utf-8", "replace")


async def _ended(process: Process) -> None:
    """Stop the process unless it has ended, and close its pipes."""
    if process.returncode is None:
        process.terminate()
        with anyio.move_on_after(ENDS_S):
            await process.wait()
    # what has not ended by now is killed
    await process.aclose()


async def _lines(stream: ByteReceiveStream) -> AsyncIterator[str]:
    rest = ""
    async for text in TextReceiveStream(stream, errors="replace"):
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            yield line
    if rest:
        yield rest
