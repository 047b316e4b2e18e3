"""The price of a model, by its own name, by those of clouds, or as it is given."""

import pytest

from agent.proposers.llm.models import by_model
from agent.proposers.llm.prices import PRICES, Usage, cost, given_price, price_of


def test_prices() -> None:
    assert price_of("claude-haiku-4-5-20251001") == PRICES["claude-haiku-4-5"]
    assert cost(given_price("3/15"), Usage(1_000_000, 100_000)) == pytest.approx(4.5)
    with pytest.raises(ValueError, match="no price is known for model 'gpt'"):
        price_of("gpt")
    with pytest.raises(ValueError, match="such as 3/15"):
        given_price("three")


@pytest.mark.parametrize(
    ("name", "model", "factor"),
    [
        ("global.anthropic.claude-sonnet-5-5", "claude-sonnet-5-5", 1.0),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5", 1.1),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5", 1.1),
        ("us-gov.anthropic.claude-opus-4-6-v1", "claude-opus-4-6", 1.1),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5", 1.1),
        ("anthropic/claude-opus-5.5", "claude-opus-5-5", 1.0),
        ("openrouter/anthropic/claude-sonnet-4.5", "claude-sonnet-4-5", 1.0),
        ("bedrock/us.anthropic.claude-opus-5", "claude-opus-5", 1.1),
        ("claude-opus-5:free", None, 1.0),
        ("my-claude-opus-5", None, 1.0),
    ],
)
def test_clouds_and_gateways_have_names_of_their_own(
    name: str, model: str | None, factor: float
) -> None:
    if model is None:
        with pytest.raises(ValueError, match="no price is known"):
            price_of(name)
    else:
        assert price_of(name).input == pytest.approx(factor * PRICES[model].input)
        assert ("regional" in price_of(name).as_of) == (factor > 1)


def test_each_model_may_have_a_price() -> None:
    assert by_model(["3/15"], ["a"]) == {"a": "3/15"}
    assert by_model(["b=0/0", "command:x y=1=1/2"], ["b", "command:x y=1"]) == {
        "b": "0/0",
        "command:x y=1": "1/2",
    }
    for wrong, told in (("3/15", "of which model"), ("c=3/15", "expected one of a, b")):
        with pytest.raises(ValueError, match=told):
            by_model([wrong], ["a", "b"])
