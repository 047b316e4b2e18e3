"""Options of the verbs that may ask a model, and what is asked through."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import common
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.proposers.llm.messages import Messages
    from agent.proposers.llm.prices import Price

MAX_USD = 5.0

Model = Annotated[
    str | None, typer.Option(help="Model to ask [default: claude-opus-5-5].", show_default=False)
]
MaxUsd = Annotated[
    float | None,
    typer.Option(
        "--max-usd",
        min=0,
        help=f"Most that may be spent on a model, in US dollars, in all [default: {MAX_USD:g}].",
    ),
]
PriceOption = Annotated[
    str | None,
    typer.Option(
        "--price", help="IN/OUT, dollars a million tokens, of a model that we have no price of."
    ),
]


@dataclass(frozen=True)
class Paid:
    """A model with its price; `most_usd` is the most that may be spent on it."""

    service: "Messages"
    price: "Price"
    most_usd: float


def paid_model(
    model: str | None, price: str | None, max_usd: float | None, without: str = "--proposer optuna"
) -> Paid:
    """What was asked for, checked before anything begins; `without` is how to do without a model.

    Raises UserError.
    """
    from agent.proposers.llm.messages import DEFAULT_MODEL, Messages
    from agent.proposers.llm.prices import given_price, price_of
    from agent.proposers.llm.service import ServiceError

    name = model or DEFAULT_MODEL
    try:
        known = given_price(price) if price else price_of(name)
    except ValueError as error:
        raise UserError(f"--price: {error}" if price else f"--model: {error}") from error
    try:
        service = Messages(name)
    except ServiceError as error:
        raise UserError(f"{error}; or do without: {without}") from error
    return Paid(service, known, MAX_USD if max_usd is None else max_usd)


def paid_model_if_reached(
    model: str | None, price: str | None, max_usd: float | None
) -> Paid | None:
    """As `paid_model`; None, and a line that says why, where this machine allows no connection."""
    from agent.proposers.llm.service import NoConnectionError

    try:
        return paid_model(model, price, max_usd)
    except UserError as error:
        if not isinstance(error.__cause__, NoConnectionError):
            raise
        say_without_model(error.__cause__, "Optuna goes on")
        return None


def say_without_model(why: BaseException, goes_on: str) -> None:
    common.say(f"no model is asked: {why}; {goes_on}", stderr=True)
