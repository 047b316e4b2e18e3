"""Options of `autoresearch export`: what belongs to the contest alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from agent.cli.options import finite, option

if TYPE_CHECKING:
    from agent.publish.contests.contribution import Given


@dataclass(frozen=True)
class ContestOptions:
    """The contest's script, logs of its runs, and who hands it in."""

    heading: ClassVar[str] = "Contest"
    script: Path | None = option(
        "track3: the contest's train_gpt_simple.py, into which the winner is put; parameter-golf: "
        "your train_gpt.py with the winner in it.",
        metavar="FILE",
    )
    parameters: Literal["all", "matrices"] = option(
        "track3: what the winner steps: all parameters, or the matrices of the layers, where the "
        "script's AdamW keeps the others.",
        default="all",
    )
    log: list[Path] = option(
        "A log that the script wrote; repeatable.", default=list, metavar="FILE"
    )
    best: float | None = option(
        "parameter-golf: the loss of the best result so far, in nats.", callback=finite
    )
    author: str = option("parameter-golf: your name.", default="")
    github_id: str = option("parameter-golf: your name on GitHub.", default="")

    def given(self) -> "Given":
        from agent.publish.contests.contribution import Given

        return Given(
            script=self.script,
            groups=self.parameters,
            logs=self.log,
            best=self.best,
            author=self.author,
            github_id=self.github_id,
        )
