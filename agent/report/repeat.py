"""Commands and versions that repeat a study."""

import platform
import shlex
from collections.abc import Iterable
from importlib import metadata

from agent.proposers.files import kept_copy
from agent.study import samplers
from agent.study.records import Origin
from agent.study.settings import Overrides, Settings
from agent.study.study import Study
from agent.study.tool_version import tool_version
from agent.verdict.publication import Publication
from agent.verdict.transfer_record import TransferRecord
from agent.verdict.verdict import Verdict
from tracks.device import CPU
from tracks.procedure import TrainerName
from tracks.registry import get_track


def eval_command(track: str, submission: str, eval_every: int, scale: str) -> str:
    """The command that evaluates a submission on the official instance, on the CPU."""
    words = ["autoresearch", "eval", "--track", track, "--submission", submission]
    words += ["--eval-every", str(eval_every)]
    return shlex.join(words + (["--scale", scale] if scale != "full" else []))


def transfer_command(submission: str, found: TransferRecord) -> str:
    """The command that tries a submission on the same instances of all workloads again."""
    words = ["autoresearch", "transfer", submission, "--key", found.key]
    words += ["--draws", str(len(found.rows[0].draws))] + (["--short"] if found.short else [])
    words += ["--length", str(found.own_length)] if found.own_length else []
    return shlex.join(words) + _on(found.device)


def evaluation_commands(
    command: str,
    drawn_from: Iterable[str],
    *,
    device: str = CPU,
    official_device: str = CPU,
    trainer: TrainerName = "fused",
) -> list[str]:
    """`eval_command` for the official run, exact, and for each held-out instance, by `trainer`."""
    held_out = command + _on(device) + ("" if trainer == "exact" else f" --trainer {trainer}")
    official = command + _on(official_device)
    return [official, *(f"{held_out} --instance {text}" for text in drawn_from)]


def _on(device: str) -> str:
    return "" if device == CPU else f" --device {device}"


def commands(
    study: Study,
    verdict: Verdict | None,
    publication: Publication | None,
    transfer: TransferRecord | None,
) -> list[str]:
    """Everything that repeats a study: its search, its report, the runs of its winner."""
    settings = study.settings
    # proposals that were handed in come from outside, so no command repeats them
    handed_in = any(trial.proposal.origin is Origin.AGENT for trial in study.finished())
    repeatable = study.overrides.proposer != "external" and not handed_in
    found = [*([search_command(study)] if repeatable else []), f"autoresearch report {study.name}"]
    if not (publication and verdict):
        return found
    every, file = get_track(settings.track).eval_every, f"{publication.files}/submission.py"
    elsewhere = [transfer_command(file, transfer)] if transfer else []
    evaluations = evaluation_commands(
        eval_command(settings.track_option, file, every[settings.objective], settings.scale),
        [pair.drawn_from for pair in verdict.pairs],
        device=settings.device,
        official_device=settings.official_device,
    )
    return [*found, *evaluations, *elsewhere]


def search_command(study: Study) -> str:
    """One job with the same seed samples the same trials; a model does not answer the same."""
    settings = study.settings
    verb = ["baseline", "--family", settings.tuned] if settings.tuned else ["run"]
    words = ["autoresearch", *verb, "--track", settings.track_option]
    words += ["--budget", str(settings.budget), "--seed", str(settings.seed), *_where(settings)]
    words += [] if settings.tuned else [*_search(study), *_models(study.overrides)]
    return shlex.join([*words, "--jobs", "1"])


def _search(study: Study) -> list[str]:
    """The options of a search that are not the defaults, and the files that it tried."""
    settings, given = study.settings, study.overrides
    words = ["--sampler", settings.sampler] if settings.sampler != samplers.DEFAULT else []
    if settings.sampler in samplers.SCREENING and settings.screen != samplers.SCREENED:
        words += ["--screen", str(settings.screen)]
    words += ["--seeds", str(settings.seeds)]
    words += ["--min-effect", f"{settings.min_effect:g}"] if settings.min_effect else []
    words += ["--proposer", given.proposer] if given.proposer != "optuna" else []
    if settings.recipes == (given.proposer == "llm"):
        words += ["--recipes" if settings.recipes else "--no-recipes"]
    words += ["--warm-start"] if settings.warm_start else []
    words += [] if settings.ladder else ["--no-ladder"]
    words += [] if given.compose else ["--no-compose"]
    words += ["--patience", str(given.patience)] if given.patience else []
    for trial in study.every_trial():
        if trial.queued and trial.queued.origin is Origin.FILE:
            file = kept_copy(study.folder, trial.queued.digest)
            words += ["--submission", str(file.relative_to(study.runs.parent))]
    return words


def _models(given: Overrides) -> list[str]:
    """The models that were asked, as they were given."""
    if given.proposer not in ("llm", "mixed"):
        return []
    several = {"--model": given.model, "--price": given.price, "--model-env": given.model_env}
    words = [word for option, texts in several.items() for one in texts for word in (option, one)]
    return words + (["--max-usd", f"{given.max_usd:g}"] if given.max_usd is not None else [])


def baseline_command(study: Study) -> str:
    """Tunes the baselines with as many trials as this study had."""
    settings = study.settings
    words = ["autoresearch", "baseline", "--track", settings.track_option]
    return shlex.join([*words, "--budget", str(settings.budget), *_where(settings)])


def _where(settings: Settings) -> list[str]:
    """Objective, scale and device, where they are not the defaults."""
    usual = get_track(settings.track).objective
    words = ["--objective", settings.objective] if settings.objective != usual else []
    words += ["--scale", settings.scale] if settings.scale != "full" else []
    return words + _on(settings.device).split()


def environment() -> dict[str, str]:
    """Versions that this report was made with; every evaluation's own are in its file."""
    tool = tool_version()
    commit = tool.commit[:12] if tool.commit else "not in git"
    return {
        "autoresearch": commit + (", changed since" if tool.dirty else ""),
        "python": platform.python_version(),
        "torch": metadata.version("torch"),
        "optuna": metadata.version("optuna"),
        "platform": platform.platform(),
    }
