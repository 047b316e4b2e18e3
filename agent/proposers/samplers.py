"""The sampler of a study by name: one of Optuna's, or proposers of whole specs."""

from optuna.samplers import BaseSampler

from agent.proposers.candidates import Screen
from agent.proposers.evolution import Evolution
from agent.proposers.forest import Forest
from agent.proposers.parzen import Parzen
from agent.proposers.proposer import Proposer
from agent.proposers.repeatable_sampler import RepeatableSampler
from agent.proposers.spec_sampler import SpecSampler
from agent.study.samplers import SamplerName
from search_space.part import Structure

PROPOSERS: dict[str, Proposer] = {
    "forest": Forest(),
    "parzen": Parzen(),
    "evolution": Evolution(),
}


def make_sampler(
    name: SamplerName,
    seed: int,
    structure: Structure,
    screen: Screen | None = None,
    *,
    refines: bool = False,
) -> BaseSampler:
    """The sampler of this name for a study's proposals; `screen` and `refines`, whether some
    trials only move the numbers of the best, are for proposers of whole specs."""
    if name == "bandit":
        return SpecSampler(PROPOSERS, seed, structure, screen, refines=refines)
    if name in PROPOSERS:
        return SpecSampler({name: PROPOSERS[name]}, seed, structure, screen, refines=refines)
    return RepeatableSampler(name, seed)
