"""Options of the verbs that may ask a model, and the services with their prices and budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agent.cli import output
from agent.cli.options import finite, option
from agent.proposers.llm.service import Paid
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.study.settings import Overrides


@dataclass(frozen=True)
class ModelOptions:
    """The models to ask, as asked for on the command line."""

    heading: ClassVar[str] = "Model"
    default_usd: ClassVar[float] = 5.0
    model: list[str] = option(
        "Model to ask: NAME of Anthropic's, openai:NAME at OPENAI_BASE_URL, or command:'LINE', a "
        "program that reads the question and prints the answer; repeatable "
        "[default: claude-opus-5-5].",
        default=list,
        metavar="MODEL",
    )
    max_usd: float | None = option(
        "Budget for all models in US dollars, over all runs of a study [default: 5; of survey: 1].",
        min=0,
        callback=finite,
        metavar="USD",
    )
    price: list[str] = option(
        "Price in dollars per million tokens, for a model without a known price; repeatable.",
        default=list,
        metavar="[MODEL=]IN/OUT",
    )
    model_env: list[str] = option(
        "Environment variable that a command: gets beside PATH and HOME; repeatable.",
        default=list,
        metavar="NAME",
    )

    @property
    def models(self) -> list[str]:
        """Each once."""
        from agent.study.settings import DEFAULT_MODEL

        return list(dict.fromkeys(self.model)) or [DEFAULT_MODEL]

    def paid(self, instead: str = "--proposer optuna") -> list[Paid]:
        """The services, checked before anything begins; `instead` works without a model.

        Raises UserError.
        """
        prices = self._prices()
        return [self._paid(model, prices, instead) for model in self.models]

    def paid_if_connected(self) -> list[Paid]:
        """As `paid`, without those to which this machine allows no connection: a line says why."""
        from agent.proposers.llm.service import NoConnectionError

        prices, found = self._prices(), []
        for model in self.models:
            try:
                found.append(self._paid(model, prices, "--proposer optuna"))
            except UserError as error:
                if not isinstance(error.__cause__, NoConnectionError):
                    raise
                if len(self.models) > 1:
                    output.say(f"{model} is not asked: {error.__cause__}", stderr=True)
                else:
                    say_without_model(error.__cause__, "Optuna continues alone")
        return found

    def after(self, before: "Overrides") -> "ModelOptions":
        """These options, completed by those of the study's earlier runs."""
        asked = ModelOptions(self.model or [*before.model], self.max_usd, self.price)
        # a price that was given earlier is that of its model
        earlier = dict(text.rpartition("=")[::2] for text in before.price)
        kept = {**earlier, **asked._prices()}
        return ModelOptions(
            model=asked.model,
            max_usd=before.max_usd if self.max_usd is None else self.max_usd,
            price=[f"{model}={kept[model]}" for model in asked.models if model in kept],
            model_env=self.model_env or ([*before.model_env] if asked._runs_a_command else []),
        )

    @property
    def _runs_a_command(self) -> bool:
        return any(model.startswith("command:") for model in self.models)

    def _prices(self) -> Mapping[str, str]:
        """Those that were given, by model. Raises UserError, also for variables of no command."""
        if self.model_env and not self._runs_a_command:
            raise UserError("--model-env is for --model command:LINE; leave it out")
        from agent.proposers.llm.models import by_model

        try:
            return by_model(self.price, self.models)
        except ValueError as error:
            raise UserError(f"--price: {error}") from error

    def _paid(self, model: str, prices: Mapping[str, str], instead: str) -> Paid:
        from agent.proposers.llm.models import open_service, price_of
        from agent.proposers.llm.service import ServiceError

        try:
            service = open_service(model, self.model_env)
            price = price_of(service, prices)
        except ServiceError as error:
            raise UserError(f"{error}; or work without a model: {instead}") from error
        except ValueError as error:
            raise UserError(f"--model: {error}") from error
        return Paid(service, price, self.default_usd if self.max_usd is None else self.max_usd)


def say_without_model(why: BaseException, instead: str) -> None:
    """Report on standard error that no model is asked."""
    output.say(f"no model is asked: {why}; {instead}", stderr=True)
