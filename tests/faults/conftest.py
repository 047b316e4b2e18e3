"""Options of the long campaign: `make faults` gives them."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaign", action="store_true", help="run the long campaign of kills")
    parser.addoption("--kills", type=int, default=200, help="kills of the long campaign")
    parser.addoption("--kills-seed", type=int, default=1, help="seed of its moments")
