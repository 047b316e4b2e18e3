"""Where the next trial comes from: a queue, Optuna, or a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.knowledge.techniques import Technique
from agent.proposers.bandit import Arm, choose, payoffs
from agent.proposers.compose import enqueue_composition
from agent.proposers.llm.researcher import Researcher
from agent.proposers.sampled import enqueue_baseline, enqueue_earlier, enqueue_recipes
from agent.proposers.samplers import make_sampler
from agent.search.screening import Screening
from agent.study.executor import Executor
from agent.study.ladder import ladder, screen_of
from agent.study.progress import View
from agent.study.records import Origin, Status
from agent.study.rung_pruner import RungPruner
from agent.study.samplers import FIRST_DRAWS
from agent.study.settings import ProposerName
from agent.study.study import Study
from search_space.sample import recipes_for
from tracks.registry import get_track

SAMPLED = Arm(Origin.SAMPLED)
"""Optuna, and the queue, which comes before it."""


@dataclass(frozen=True)
class Sources:
    """The proposer's name, the models it may ask, and surveyed techniques to compose."""

    proposer: ProposerName = "optuna"
    researchers: Sequence[Researcher] = ()
    techniques: Sequence[Technique] = ()

    def prepare(
        self, study: Study, executor: Executor | None = None, view: View | None = None
    ) -> None:
        """Give the study its sampler and its pruner, and queue what is tried first.

        Without an executor nothing is screened.
        """
        settings, scale = study.settings, screen_of(study.settings)
        structure = get_track(settings.track).structure
        screen = Screening(executor, settings, scale, view) if executor and scale else None
        # of a spec whose parts are known only numbers are left
        name = "tpe" if settings.tuned else settings.sampler
        study.search_with(
            make_sampler(name, settings.seed, structure, screen, refines=settings.refines),
            RungPruner([rung.keep for rung in ladder(settings)]),
        )
        if settings.tuned:
            enqueue_baseline(study, settings.tuned, structure)
        elif self.proposer != "external":
            enqueue_earlier(study, structure)
            if settings.recipes:
                enqueue_recipes(study, structure)

    def warning(self, study: Study) -> str:
        """Why the budget is too small for the search to mean anything; empty where it is not."""
        settings = study.settings
        if self.proposer != "optuna" or settings.tuned or settings.sampler == "random":
            return ""
        structure = get_track(settings.track).structure
        earlier = len(settings.warm_start)
        recipes = len(recipes_for(structure)) if settings.recipes else 0
        random = max(0, FIRST_DRAWS - earlier - recipes)
        if settings.budget > earlier + recipes + random:
            return ""
        first = [f"{earlier} of earlier studies"] if earlier else []
        first += [f"{recipes} recipes"] if recipes else []
        first += [f"{random} random draws"] if random else []
        return (
            f"warning: a budget of {settings.budget} is too small to search: "
            f"{', '.join(first)} come before any trial that learns from others"
        )

    def compose(self, study: Study) -> None:
        """Queue a composition of a technique, unless something is queued."""
        composes = self.techniques and self.proposer in ("optuna", "mixed")
        if composes and not study.open_trials(Status.WAITING):
            structure = get_track(study.settings.track).structure
            enqueue_composition(study, self.techniques, structure)

    def may_ask(self, taken: int, but: str = "") -> bool:
        """Whether a model may be asked now; `but` one that is not meant."""
        return any(arm.model != but for arm in self._models(taken))

    def turn(self, study: Study, taken: int) -> Arm | None:
        """SAMPLED or a model; None where neither can propose."""
        queued = study.open_trials(Status.WAITING)
        files = any(one.queued and one.queued.origin is Origin.FILE for one in queued)
        if self.proposer == "optuna" or files:
            return SAMPLED
        if self.proposer == "external":
            return None
        models = self._models(taken)
        if self.proposer == "mixed":
            return _drawn(study, taken, {SAMPLED: None, **models})
        if queued:
            return SAMPLED
        return _drawn(study, taken, models) if models else None

    def researcher(self, study: Study, taken: int, model: str) -> Researcher:
        """That of `model` where it may be asked, else one of the others."""
        models = self._models(taken)
        arm = Arm(Origin.LLM, model)
        return models[arm if arm in models else _drawn(study, taken, models)]

    def _models(self, taken: int) -> dict[Arm, Researcher]:
        """Those that may be asked for the next trial after `taken` of them."""
        may = (one for one in self.researchers if one.is_asked(taken))
        return {Arm(Origin.LLM, one.model): one for one in may}


def _drawn(study: Study, taken: int, sources: Mapping[Arm, Researcher | None]) -> Arm:
    """The bandit's choice; a source without a researcher costs nothing."""
    paid = payoffs(((Arm.of(one), one.value) for one in study.finished()), sources)
    left = max(1, study.settings.budget - taken)
    costs = {arm: one.relative_cost(left) for arm, one in sources.items() if one}
    return choose(paid, costs, study.settings.seed, taken)


OPTUNA = Sources()
