"""From an Optuna trial to a spec, and from a spec to the parameters that make a trial sample it."""

import optuna

from search_space.part import Param
from search_space.registry import KINDS
from search_space.spec import Spec, make_spec

TrialParams = dict[str, str | float]


def sample_spec(trial: optuna.Trial) -> Spec:
    """Ask `trial` for one part a kind, then for the numbers of the parts it chose."""
    choices: dict[str, dict[str, str | float]] = {}
    for kind in KINDS:
        part = trial.suggest_categorical(kind.name, [part.name for part in kind.parts])
        choice: dict[str, str | float] = {"part": part}
        for param in kind.params(part):
            choice[param.name] = _suggest(trial, _name(kind.name, part, param), param)
        choices[kind.name] = choice
    return make_spec(choices)


def trial_params(spec: Spec) -> TrialParams:
    """What to enqueue so that `sample_spec` gives `spec`."""
    params: TrialParams = {}
    for kind in KINDS:
        choice = spec[kind.name]
        params[kind.name] = choice.part
        for param in kind.params(choice.part):
            value = choice[param.name]
            params[_name(kind.name, choice.part, param)] = 1 - value if param.complement else value
    return params


def _name(kind: str, part: str, param: Param) -> str:
    """Shared parameters have one name whatever the part: the sampler learns across parts."""
    from_kind = any(param is shared for k in KINDS if k.name == kind for shared in k.shared)
    return f"{kind}.{param.name}" if from_kind else f"{kind}.{part}.{param.name}"


def _suggest(trial: optuna.Trial, name: str, param: Param) -> float:
    if param.complement:
        # rounding keeps the ends of the range inside it
        low, high = round(1 - param.high, 12), round(1 - param.low, 12)
        return 1 - trial.suggest_float(name, low, high, log=True)
    return trial.suggest_float(name, param.low, param.high, log=param.log)
