"""`autoresearch significance`: the tests by which other contests accept a result."""

from dataclasses import asdict
from typing import Any

import typer

from agent.cli import common
from agent.errors import UserError

SCHEMA_VERSION = 1
TRACK3 = {"threshold": 3.28, "sigma": 0.0013, "margin": 0.004}

app = typer.Typer(
    no_args_is_help=True, help="Test losses as other contests do; lower is better everywhere."
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
    from agent.statistics import paired_t_test

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
    from agent.statistics import welch_t_test

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
    from agent.statistics import z_rule

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
