"""Ablation of one file by itself: its parts, and the file without those that it does not need.

The stages are those of a study's winner. The simplified file meets the whole one in place of an
incumbent: it is confirmed if it is not worse by the margin.
"""

from dataclasses import replace

from agent.verdict.ablation import ablate
from agent.verdict.ablation_record import Ablation
from agent.verdict.alpha import AlphaLedger
from agent.verdict.comparison import Bench, Contender, run_all
from agent.verdict.comparison_keys import Keys
from agent.verdict.decide import confirm
from agent.verdict.interactions import interactions
from agent.verdict.removable import Parts
from agent.verdict.variants import Basis
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.registry import get_track
from tracks.submission import Submission


def official_run(bench: Bench, whole: Contender) -> Evaluation:
    """The file on the official instance, measured as all other runs."""
    instance = official_instance(bench.settings.track, bench.settings.scale)
    bench.view.phase("running the file on the official instance", 1)
    return run_all(bench.executor, bench.view, [(*whole, instance)], bench.objective)[0]


def ablate_file(
    bench: Bench, whole: Contender, parts: Parts, keys: Keys, margin: float | None
) -> tuple[Ablation, Submission | None]:
    """The ablation, and the simplified file if there is one and it was confirmed.

    Held-out instances of the ablation are drawn from the key of the file alone, those of the
    confirmation from the key of both files. This promotes nothing, so it spends no study's alpha.
    """
    key = keys.key(whole[1].digest, "")
    found = ablate(bench, parts, Basis(key, margin=margin))
    found = replace(found, interactions=interactions(bench, parts, key, found.rows))
    removal = found.simplified
    if removal is None:
        return found, None
    settings = replace(bench.settings, min_effect=-found.margin)
    bench = replace(bench, settings=settings)
    steps = get_track(settings.track).scales[settings.scale].max_steps
    smaller = parts.without(removal.parts, steps)
    name = f"{whole[0]} without {', '.join(found.taken_out)}"
    bench.view.note(f"confirming {name}")
    verdict = confirm(bench, AlphaLedger(), keys, (name, smaller), whole, better_officially=False)
    found = replace(found, simplified=replace(removal, name=name, verdict=verdict))
    return found, smaller if verdict.accepted else None
