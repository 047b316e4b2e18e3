"""`autoresearch significance`: the A/A test, a verdict's instances, the tests of other contests."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from agent.cli import inputs, output
from agent.cli.aa import aa
from agent.cli.options import Json, finite, option
from agent.cli.verbs import PLAIN, add
from agent.study.errors import UserError
from agent.study.workspace import read_json
from agent.verdict.statistics import MARGIN, SIGMA, TARGET
from tracks.printable import printable

if TYPE_CHECKING:
    from agent.verdict.instances import Recomputed
    from agent.verdict.statistics import PairwiseRule, ZRule

app = typer.Typer(**PLAIN)
Losses = Annotated[list[float], typer.Argument(help="One loss a seed.")]


@app.callback()
def significance() -> None:
    """Test the verdict, and losses by the rules of contests.

    \b
    Examples:
      autoresearch significance aa --track mqar
      autoresearch significance instances submissions/mqar-row-delta-1c861b
    """


def t_test(
    losses: Losses,
    threshold: float = typer.Option(..., callback=finite, help="What the mean loss must be below."),
    as_json: Json = False,
) -> None:
    """One-sample t-test of "the mean is below the threshold".

    The rule of parameter-golf.

    \b
    Example:
      autoresearch significance t-test 1.16356083 1.16275343 1.16337225 --threshold 1.2194
    """
    from agent.verdict.statistics import paired_t_test

    try:
        test = paired_t_test([threshold - loss for loss in losses])
    except ValueError as error:
        raise UserError("t-test: expected two or more finite losses") from error
    if not test.std:
        raise UserError("t-test: the losses are all equal: there is no spread to test by")
    low, high = test.interval
    line = (
        f"mean {threshold - test.mean:.6g}, {test.mean:.6g} below the threshold "
        f"(95% interval {low:.6g} to {high:.6g}), std {test.std:.3g}: "
        f"t = {test.t:.2f}, {test.degrees} degrees of freedom, p = {test.p:.3g} one-sided"
    )
    output.show_lines(as_json, {"threshold": threshold, **asdict(test)}, [line])


def welch(
    ours: str = typer.Option(..., metavar="X,X,...", help="Our losses, one a seed."),
    theirs: str = typer.Option(..., metavar="X,X,...", help="Theirs."),
    as_json: Json = False,
) -> None:
    """Welch's t-test of "our mean is below theirs".

    For runs on different seeds.

    \b
    Example:
      autoresearch significance welch --ours 1.163,1.162,1.163 --theirs 1.170,1.169,1.172
    """
    from agent.verdict.statistics import welch_t_test

    try:
        test = welch_t_test(_numbers("--ours", ours), _numbers("--theirs", theirs))
    except ValueError as error:
        raise UserError(f"welch: {error}") from error
    low, high = test.interval
    line = (
        f"ours are lower by {test.mean:.6g} (95% interval {low:.6g} to {high:.6g}): "
        f"t = {test.t:.2f}, {test.degrees:.2f} degrees of freedom, p = {test.p:.3g} one-sided"
    )
    output.show_lines(as_json, asdict(test), [line])


@dataclass(frozen=True)
class Pairwise:
    """An earlier result to compare with."""

    heading: ClassVar[str] = "Pairwise rule"
    steps: int | None = option("Steps of our runs.", min=1)
    against: str | None = option(
        "An earlier result: its steps, mean loss and number of runs.", metavar="STEPS,LOSS,N"
    )

    def of(self, mean: float, n: int, margin: float) -> "PairwiseRule | None":
        """The rule for our runs, if it was asked for. Raises UserError."""
        from agent.verdict.statistics import Runs, pairwise_rule

        if self.steps is None and self.against is None:
            return None
        if self.steps is None or self.against is None:
            raise UserError("track3: --steps and --against go together; give both, or neither")
        try:
            steps, loss, runs = self.against.split(",")
            theirs = Runs(int(steps), float(loss), int(runs))
        except ValueError as error:
            raise UserError(
                f"--against {self.against!r}: expected STEPS,LOSS,N such as 2720,3.2786,10"
            ) from error
        return pairwise_rule(Runs(self.steps, mean, n), theirs, margin)


def track3(
    losses: Losses,
    pair: Pairwise,
    threshold: float = typer.Option(TARGET, callback=finite, help="Loss to be below."),
    sigma: float = typer.Option(
        SIGMA, min=1e-12, callback=finite, help="Known standard deviation of the losses."
    ),
    margin: float = typer.Option(MARGIN, callback=finite, help="What a statistic must reach."),
    as_json: Json = False,
) -> None:
    """The rules of modded-nanogpt's track 3.

    Below the target: (threshold - mean) sqrt(n) >= margin. Better than an earlier result, with
    --steps and --against: (their mean - mean + 0.0045/100 (their steps - steps)) / sqrt(1/n + 1/n')
    >= margin.

    \b
    Examples:
      autoresearch significance track3 3.2781 3.2790 3.2776 3.2785
      autoresearch significance track3 3.2781 3.2790 3.2776 --steps 2690 --against 2720,3.2786,10
    """
    from agent.verdict.statistics import z_rule

    try:
        rule = z_rule(losses, threshold, sigma, margin)
    except ValueError as error:
        raise UserError(f"track3: {error}") from error
    lines = [
        f"mean {rule.mean:.6g} of {len(losses)}: ({threshold:g} - mean) sqrt(n) = "
        f"{_against_margin(rule)}: {'accepted' if rule.holds else 'not accepted'}; "
        f"z = {rule.z:.2f}, p = {rule.p:.2g} one-sided"
    ]
    if against := pair.of(rule.mean, len(losses), margin):
        lines.append(
            f"pairwise: {against.difference:.4g} / sqrt(1/n + 1/n') = {_against_margin(against)}: "
            f"{'better' if against.holds else 'not shown to be better'} than {pair.against}"
        )
    content = {"threshold": threshold, "sigma": sigma, **asdict(rule)}
    content["pairwise"] = asdict(against) if against else None
    output.show_lines(as_json, content, lines)


def _against_margin(rule: "ZRule | PairwiseRule") -> str:
    return f"{rule.statistic:.4g} {'>=' if rule.holds else '<'} {rule.margin:g}"


def instances(
    evidence: Path = typer.Argument(
        ..., help="A winner's evidence.json or its folder, a study's verdict.json or JSON report."
    ),
    as_json: Json = False,
) -> None:
    """Recompute a verdict's held-out instances from its key.

    An instance's text is the first 24 hexadecimal digits of an HMAC-SHA-256, keyed with the
    published key, over challenger/opponent/track/scale/index, with the SHA-256 of both files; it
    begins with wide- where the key does. Its seeds follow from the text. Exit status 3 where a text
    or seed is not the recorded one, or a file is not the one that was frozen.

    \b
    Examples:
      autoresearch significance instances submissions/mqar-row-delta-1c861b
      autoresearch significance instances runs/mqar-1/verdict.json --json
    """
    path = evidence / "evidence.json" if evidence.is_dir() else evidence
    rows, frozen = _recomputed(path)
    file = path.with_name("submission.py")
    changed = file.is_file() and inputs.read_candidate(file).digest != frozen
    wrong = [row for row in rows if not row.equal]
    listed = [{**asdict(row), "equal": row.equal} for row in rows]
    content = {"equal": not (wrong or changed), "file_changed": changed, "instances": listed}
    last = f"{len(rows) - len(wrong)} of {len(rows)} instances are as recorded"
    output.show_lines(as_json, content, [*map(_line, rows), last])
    if changed:
        output.say(f"autoresearch: {file} is not the frozen file", stderr=True)
    if not all(row.held_out for row in rows):
        why = "a key was not drawn: its instances were known before"
        output.say(f"autoresearch: {why}", stderr=True)
    if wrong or changed:
        raise typer.Exit(output.FAILED)


for _verb in (aa, instances, t_test, welch, track3):
    add(app, _verb)


def _line(row: "Recomputed") -> str:
    seeds = ", ".join(f"{name} {seed}" for name, seed in asdict(row.seeds).items())
    found = "as recorded" if row.equal else f"RECORDED: {row.recorded}"
    line = f"{row.comparison} {row.index}: drawn from {row.drawn_from} ({seeds}): {found}"
    return printable(line)


def _recomputed(path: Path) -> "tuple[list[Recomputed], str]":
    """The instances of all comparisons in the file, and the digest of the frozen submission."""
    from agent.verdict.instances import recomputed
    from agent.verdict.stage_record import first_error

    record = read_json(path)
    if record is None:
        raise UserError(f"{path}: no such file; expected a winner's evidence.json")
    try:
        verdict, rows = recomputed(record)
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path}: not the record of a verdict ({first_error(error)}); "
            "expected a winner's evidence.json"
        ) from error
    if not rows:
        raise UserError(f"{path}: nothing was compared on held-out instances")
    return rows, verdict.challenger_digest


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(word) for word in text.split(",")]
    except ValueError as error:
        raise UserError(f"{option} {text!r}: expected numbers with commas between them") from error
