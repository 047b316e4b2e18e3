"""Where the next trial comes from: a queue, Optuna, or the model."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.knowledge.techniques import Technique
from agent.proposers import bandit
from agent.proposers.compose import enqueue_composition
from agent.proposers.llm.researcher import Researcher
from agent.proposers.sampler import enqueue_baseline, enqueue_recipes
from agent.proposers.samplers import FIRST_DRAWS, make_sampler
from agent.study.ladder import RungPruner, ladder
from agent.study.records import Origin, Status
from agent.study.settings import ProposerName
from agent.study.study import Study
from search_space.sample import recipes_for
from tracks.registry import get_track


@dataclass(frozen=True)
class Sources:
    """The proposer's name, the model it may ask, and surveyed techniques to compose."""

    proposer: ProposerName = "optuna"
    researcher: Researcher | None = None
    techniques: Sequence[Technique] = ()

    def prepare(self, study: Study) -> None:
        """Give the study its sampler and its pruner, and queue what is tried first."""
        settings = study.settings
        structure = get_track(settings.track).structure
        study.search_with(
            # of a spec whose parts are known only numbers are left
            make_sampler("tpe" if settings.tuned else settings.sampler, settings.seed, structure),
            RungPruner([rung.keep for rung in ladder(settings)]),
        )
        if settings.tuned:
            enqueue_baseline(study, settings.tuned, structure)
        elif settings.recipes and self.proposer != "external":
            enqueue_recipes(study, structure)

    def warning(self, study: Study) -> str:
        """Why the budget is too small for the search to mean anything; empty where it is not."""
        settings = study.settings
        if self.proposer != "optuna" or settings.tuned or settings.sampler == "random":
            return ""
        structure = get_track(settings.track).structure
        recipes = len(recipes_for(structure)) if settings.recipes else 0
        random = max(0, FIRST_DRAWS - recipes)
        if settings.budget > recipes + random:
            return ""
        first = [f"{recipes} recipes"] if recipes else []
        first += [f"{random} random draws"] if random else []
        return (
            f"warning: a budget of {settings.budget} is too small to search: "
            f"{' and '.join(first)} come before any trial that learns from others"
        )

    def compose(self, study: Study) -> None:
        """Queue a composition of a technique, unless something is queued."""
        composes = self.techniques and self.proposer in ("optuna", "mixed")
        if composes and not study.trials(Status.WAITING):
            structure = get_track(study.settings.track).structure
            enqueue_composition(study, self.techniques, structure)

    def may_ask(self, taken: int) -> bool:
        return self.researcher is not None and self.researcher.is_asked(taken)

    def turn(self, study: Study, taken: int) -> Origin | None:
        """SAMPLED (the queue comes before Optuna) or LLM; None where neither can propose."""
        queued = study.trials(Status.WAITING)
        files = any(one.queued and one.queued.origin is Origin.FILE for one in queued)
        if self.proposer == "optuna" or files:
            return Origin.SAMPLED
        if self.proposer == "external":
            return None
        if self.proposer == "llm":
            may_ask = Origin.LLM if self.may_ask(taken) else None
            return Origin.SAMPLED if queued else may_ask
        if not self.may_ask(taken):
            return Origin.SAMPLED
        paid = bandit.payoffs(study.finished(), (Origin.SAMPLED, Origin.LLM))
        return bandit.choose(paid, study.settings.seed, taken)


OPTUNA = Sources()
