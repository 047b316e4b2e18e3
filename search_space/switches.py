"""Switches of free-form code: keyword arguments of its constructor that are True by default.

    class Submission(torch.optim.Optimizer):
        def __init__(self, params, cautious=True, average: bool = True):

declares two switches, `cautious` and `average`.
"""

from search_space.defaults import defaults


def switches(source: str) -> list[str]:
    """Names of the arguments of the constructor whose default is True, in their order."""
    found = defaults(source).values()
    return [one.name for one in found if one.place == "argument" and one.value is True]
