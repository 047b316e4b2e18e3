"""Options of the verbs that may ask a model, and the service with its price and budget."""

from dataclasses import dataclass
from typing import ClassVar

from agent.cli import output
from agent.cli.options import finite, option
from agent.proposers.llm.service import Paid
from agent.study.errors import UserError


@dataclass(frozen=True)
class ModelOptions:
    """The model to ask, as asked for on the command line."""

    heading: ClassVar[str] = "Model"
    default_usd: ClassVar[float] = 5.0
    model: str | None = option("Model to ask [default: claude-opus-5-5].", metavar="NAME")
    max_usd: float | None = option(
        "Budget for the model in US dollars, over all runs of a study [default: 5; of survey: 1].",
        min=0,
        callback=finite,
        metavar="USD",
    )
    price: str | None = option(
        "Price in dollars per million tokens, for a model without a known price.", metavar="IN/OUT"
    )

    def paid(self, instead: str = "--proposer optuna") -> Paid:
        """The service, checked before anything begins; `instead` works without a model.

        Raises UserError.
        """
        from agent.proposers.llm.messages import DEFAULT_MODEL, Messages
        from agent.proposers.llm.prices import given_price, price_of
        from agent.proposers.llm.service import ServiceError

        name = self.model or DEFAULT_MODEL
        try:
            known = given_price(self.price) if self.price else price_of(name)
        except ValueError as error:
            option = "--price" if self.price else "--model"
            raise UserError(f"{option}: {error}") from error
        try:
            service = Messages(name)
        except ServiceError as error:
            raise UserError(f"{error}; or work without a model: {instead}") from error
        return Paid(service, known, self.default_usd if self.max_usd is None else self.max_usd)

    def paid_if_connected(self) -> Paid | None:
        """As `paid`; None, and a line that says why, where this machine allows no connection."""
        from agent.proposers.llm.service import NoConnectionError

        try:
            return self.paid()
        except UserError as error:
            if not isinstance(error.__cause__, NoConnectionError):
                raise
            say_without_model(error.__cause__, "Optuna continues alone")
            return None

    def after(self, model: str | None, max_usd: float | None, price: str | None) -> "ModelOptions":
        """These options, completed by those of the study's earlier runs."""
        changed = self.model not in (None, model)
        return ModelOptions(
            model=self.model or model,
            max_usd=max_usd if self.max_usd is None else self.max_usd,
            # the price that was given earlier is that of another model; empty is the table's
            price=self.price or ("" if changed else price),
        )


def say_without_model(why: BaseException, instead: str) -> None:
    """Report on standard error that no model is asked."""
    output.say(f"no model is asked: {why}; {instead}", stderr=True)
