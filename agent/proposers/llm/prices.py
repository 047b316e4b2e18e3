"""Prices of a model's tokens: one dated table, the only place for prices."""

import re
from dataclasses import dataclass

AS_OF = "2026-10-24"
SOURCE = "https://platform.claude.com/docs/en/about-claude/pricing"
MILLION = 1e6
CLOUDS = re.compile(
    r"(?:[a-z][\w.-]*/)*"  # of gateways: anthropic/, bedrock/, openrouter/anthropic/
    r"(?:(?:(?P<area>[a-z]+(?:-gov)?)\.)?(?P<bedrock>anthropic\.))?"  # us.anthropic.
    r"(?P<name>claude-[a-z0-9.-]+?)"
    r"(?P<vertex>@\w+)?(?:-\d{8})?(?:-v\d+(?::\d+)?)?"  # @20250929, -20250929-v1:0
)
"""Names of a model at its maker and at clouds and gateways."""
REGIONAL = 1.1
"""Bedrock and Vertex ask a tenth more outside of their global endpoints."""


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens; a cache entry is kept for five minutes."""

    input: float
    output: float
    cache_write: float
    cache_read: float
    as_of: str = AS_OF


@dataclass(frozen=True)
class Usage:
    """Tokens of one call; `input` counts those that were neither written to the cache nor read."""

    input: int = 0
    output: int = 0
    cache_write: int = 0
    cache_read: int = 0


PRICES = {
    "claude-fable-5-1": Price(10, 50, 12.5, 0.25),
    "claude-mythos-5-1": Price(10, 50, 12.5, 0.25),
    "claude-fable-5": Price(10, 50, 12.5, 1),
    "claude-mythos-5": Price(10, 50, 12.5, 1),
    "claude-opus-5-5": Price(4, 20, 5, 0.2),
    "claude-opus-5": Price(5, 25, 6.25, 0.5),
    "claude-opus-4-8": Price(5, 25, 6.25, 0.5),
    "claude-opus-4-7": Price(5, 25, 6.25, 0.5),
    "claude-opus-4-6": Price(5, 25, 6.25, 0.5),
    "claude-opus-4-5": Price(5, 25, 6.25, 0.5),
    "claude-sonnet-5-5": Price(2, 10, 2.5, 0.1),
    "claude-sonnet-5": Price(2, 10, 2.5, 0.2),
    "claude-sonnet-4-6": Price(3, 15, 3.75, 0.3),
    "claude-sonnet-4-5": Price(3, 15, 3.75, 0.3),
    # for prompts of at most 100,000 tokens, which ours are
    "claude-haiku-5-5": Price(0.1, 0.5, 0.125, 0.01),
    "claude-haiku-4-5": Price(1, 5, 1.25, 0.1),
}


FREE = Price(0, 0, 0, 0, "a free model")


def price_of(model: str) -> Price:
    """The price of a model by its name, dated or not, also as clouds and gateways have it.

    Where a cloud's name does not say that the endpoint is global, the price of a regional one.
    Raises ValueError for an unknown model.
    """
    found = CLOUDS.fullmatch(model)
    price = PRICES.get(found["name"].replace(".", "-")) if found else None
    if found is None or price is None:
        raise ValueError(
            f"no price is known for model {model!r} (table of {AS_OF}); there are: "
            f"{', '.join(PRICES)}; or give --price IN/OUT in dollars a million tokens"
        )
    regional = found["vertex"] or (found["bedrock"] and found["area"] != "global")
    return _regional(price) if regional else price


def _regional(price: Price) -> Price:
    return Price(
        REGIONAL * price.input,
        REGIONAL * price.output,
        REGIONAL * price.cache_write,
        REGIONAL * price.cache_read,
        f"{price.as_of} (regional)",
    )


def given_price(text: str) -> Price:
    """From `IN/OUT`, such as 3/15; caching is charged as input. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)", text.strip())
    if not match:
        raise ValueError(f"expected IN/OUT in dollars a million tokens, such as 3/15, got {text!r}")
    price_in, price_out = float(match[1]), float(match[2])
    return Price(price_in, price_out, 1.25 * price_in, price_in, f"--price {text.strip()}")


def cost(price: Price, usage: Usage) -> float:
    """US dollars for one call."""
    return (
        price.input * usage.input
        + price.output * usage.output
        + price.cache_write * usage.cache_write
        + price.cache_read * usage.cache_read
    ) / MILLION
