"""The models that `--model` names: NAME of Anthropic's, `openai:NAME`, or `command:LINE`."""

from collections.abc import Mapping, Sequence

from agent.proposers.llm.prices import Price, given_price
from agent.proposers.llm.service import Service, ServiceError


def open_service(model: str, granted: Sequence[str] = ()) -> Service:
    """The service of a model; `granted` are the environment variables of a command.

    Raises ServiceError where it cannot be asked from here.
    """
    kind, _, name = model.partition(":")
    # each client is loaded where it is needed
    if kind == "openai":
        if not name:
            raise ServiceError("--model openai: names no model; expected openai:NAME", lasting=True)
        try:
            from agent.proposers.llm.chat import Chat
        except ModuleNotFoundError as error:
            raise ServiceError(
                f"--model {model} needs the package openai: pip install 'autoresearch[openai]'",
                lasting=True,
            ) from error
        return Chat(name)
    if kind == "command":
        from agent.proposers.llm.command import Command

        return Command(name, granted)
    from agent.proposers.llm.messages import Messages

    return Messages(model)


def by_model(prices: Sequence[str], models: Sequence[str]) -> Mapping[str, str]:
    """Each `IN/OUT` of `[MODEL=]IN/OUT` by its model. Raises ValueError."""
    found = {}
    for text in prices:
        model, _, price = text.rpartition("=")
        given_price(price)
        if not model and len(models) > 1:
            raise ValueError(f"{text!r}: of which model? expected MODEL=IN/OUT")
        if model and model not in models:
            raise ValueError(f"{text!r}: expected one of {', '.join(models)}, then =IN/OUT")
        found[model or models[0]] = price
    return found


def price_of(service: Service, given: Mapping[str, str]) -> Price:
    """The price that was given for a model, else its own. Raises ValueError."""
    return given_price(given[service.model]) if service.model in given else service.price()
