"""`autoresearch significance`: a verdict's instances again, and the tests of other contests."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from agent.cli import common
from agent.study.errors import UserError
from agent.study.workspace import read_json
from tracks.printable import printable

SCHEMA_VERSION, FAILED = 1, 3
TRACK3 = {"threshold": 3.28, "sigma": 0.0013, "margin": 0.004}

app = typer.Typer(
    no_args_is_help=True,
    help="Recompute a verdict's instances; test losses as other contests do, lower is better.",
)


@app.command("t-test")
def t_test(
    values: list[float] = typer.Argument(..., help="One loss a seed."),
    threshold: float = typer.Option(..., help="What the mean loss must be below."),
    as_json: bool = typer.Option(False, "--json", help="Print the test as JSON."),
) -> None:
    """One-sample t-test of "the mean is below the threshold", as in parameter-golf.

    \b
    Example:
      autoresearch significance t-test 1.16356083 1.16275343 1.16337225 --threshold 1.2194
    """
    from agent.verdict.statistics import paired_t_test

    common.finite("--threshold", threshold)
    try:
        test = paired_t_test([threshold - value for value in values])
    except ValueError as error:
        raise UserError("t-test: expected two or more finite losses") from error
    if not test.std:
        raise UserError("t-test: the losses are all equal: there is no spread to test by")
    low, high = test.interval
    _show(
        {"threshold": threshold, **asdict(test)},
        f"mean {threshold - test.mean:.6g}, {test.mean:.6g} below the threshold "
        f"(95% interval {low:.6g} to {high:.6g}), std {test.std:.3g}: "
        f"t = {test.t:.2f}, {test.degrees} degrees of freedom, p = {test.p:.3g} one-sided",
        as_json,
    )


@app.command("welch")
def welch(
    ours: str = typer.Option(..., help="Our losses, one a seed, with commas between them."),
    theirs: str = typer.Option(..., help="Theirs."),
    as_json: bool = typer.Option(False, "--json", help="Print the test as JSON."),
) -> None:
    """Welch's t-test of "our mean is below theirs", for runs on different seeds.

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
    _show(
        asdict(test),
        f"ours are lower by {test.mean:.6g} (95% interval {low:.6g} to {high:.6g}): "
        f"t = {test.t:.2f}, {test.degrees:.2f} degrees of freedom, p = {test.p:.3g} one-sided",
        as_json,
    )


@app.command("track3")
def track3(
    values: list[float] = typer.Argument(..., help="One loss a run."),
    threshold: float = typer.Option(TRACK3["threshold"], help="Loss to be below."),
    sigma: float = typer.Option(TRACK3["sigma"], min=1e-12, help="Known spread of the losses."),
    margin: float = typer.Option(TRACK3["margin"], help="What the statistic must reach."),
    as_json: bool = typer.Option(False, "--json", help="Print the test as JSON."),
) -> None:
    """The z rule of modded-nanogpt's track 3: (threshold - mean) sqrt(n) >= margin.

    \b
    Example:
      autoresearch significance track3 3.2781 3.2790 3.2776 3.2785
    """
    from agent.verdict.statistics import z_rule

    for option, value in (("--threshold", threshold), ("--sigma", sigma), ("--margin", margin)):
        common.finite(option, value)
    try:
        rule = z_rule(values, threshold, sigma, margin)
    except ValueError as error:
        raise UserError(f"track3: {error}") from error
    sign = ">=" if rule.holds else "<"
    _show(
        {"threshold": threshold, "sigma": sigma, **asdict(rule)},
        f"mean {rule.mean:.6g} of {len(values)}: ({threshold:g} - mean) sqrt(n) = "
        f"{rule.statistic:.4g} {sign} {margin:g}: {'accepted' if rule.holds else 'not accepted'}; "
        f"z = {rule.z:.2f}, p = {rule.p:.2g} one-sided",
        as_json,
    )


@app.command("instances")
def instances(
    evidence: Path = typer.Argument(
        ..., help="A winner's evidence.json or its folder, a study's verdict.json or JSON report."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print every instance as JSON."),
) -> None:
    """Draw the held-out instances of a verdict again from its published key, and compare.

    An instance's text is the first 24 hexadecimal digits of an HMAC-SHA-256, keyed with the key,
    over challenger/opponent/track/scale/index, with the SHA-256 of both files; its seeds follow
    from the text. Exit status 3 where a text or seed is not the recorded one, or a file is not the
    one that was frozen.

    \b
    Examples:
      autoresearch significance instances submissions/mqar-row-delta-1c861b
      autoresearch significance instances runs/mqar-1/verdict.json --json
    """
    from agent.verdict.instances import recomputed

    path = evidence / "evidence.json" if evidence.is_dir() else evidence
    record = read_json(path)
    if record is None:
        raise UserError(f"{path}: no such file; expected a winner's evidence.json")
    try:
        rows = recomputed(record)
        frozen = record.get("verdict", record)["challenger_digest"]
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path}: not the record of a verdict, or of one before verdicts had a key "
            f"({type(error).__name__}: {error}); expected a winner's evidence.json"
        ) from error
    if not rows:
        raise UserError(f"{path}: nothing was compared on held-out instances")
    changed = _changed(path.with_name("submission.py"), frozen)
    wrong = [row for row in rows if not row.equal]
    if as_json:
        listed = [{**asdict(row), "equal": row.equal} for row in rows]
        about = {"equal": not (wrong or changed), "file_changed": changed, "instances": listed}
        common.print_json({"schema_version": SCHEMA_VERSION, **about})
    else:
        for row in rows:
            seeds = ", ".join(f"{name} {seed}" for name, seed in row.seeds.items())
            said = "as recorded" if row.equal else f"RECORDED: {row.recorded}"
            line = f"{row.comparison} {row.index}: drawn from {row.drawn_from} ({seeds}): {said}"
            print(printable(line))
        print(f"{len(rows) - len(wrong)} of {len(rows)} instances are as recorded")
    if changed:
        typer.echo(f"autoresearch: {path.parent}/submission.py is not the frozen file", err=True)
    if not all(row.held_out for row in rows):
        typer.echo("autoresearch: a key was not drawn: its instances were known before", err=True)
    if wrong or changed:
        raise typer.Exit(FAILED)


def _changed(file: Path, digest: str) -> bool:
    """Whether a submission that lies beside its evidence is another than the one compared."""
    if not file.is_file():
        return False
    return bool(common.read_candidate(file).digest != digest)


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(word) for word in text.split(",")]
    except ValueError as error:
        raise UserError(f"{option} {text!r}: expected numbers with commas between them") from error


def _show(test: dict[str, Any], line: str, as_json: bool) -> None:
    if as_json:
        common.print_json({"schema_version": SCHEMA_VERSION, **test})
    else:
        common.say(line)
