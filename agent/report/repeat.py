"""Commands and versions that repeat a study."""

import platform
import shlex
from collections.abc import Iterable
from importlib import metadata

from agent.study import samplers
from agent.study.settings import Settings
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
    # external proposals come from outside, so no command repeats them
    external = study.overrides.proposer == "external"
    found = [*([] if external else [search_command(study)]), f"autoresearch report {study.name}"]
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


def search_command(ledger: Study) -> str:
    """One job with the same seed samples the same trials; a model does not answer the same."""
    settings = ledger.settings
    verb = ["baseline", "--family", settings.tuned] if settings.tuned else ["run"]
    words = [
        "autoresearch",
        *verb,
        "--track",
        settings.track_option,
        "--budget",
        str(settings.budget),
    ]
    words += ["--seed", str(settings.seed)]
    words += _where(settings)
    if not settings.tuned:
        words += ["--sampler", settings.sampler] if settings.sampler != samplers.DEFAULT else []
        if settings.sampler in samplers.SCREENING and settings.screen != samplers.SCREENED:
            words += ["--screen", str(settings.screen)]
        words += ["--seeds", str(settings.seeds)]
        words += ["--min-effect", f"{settings.min_effect:g}"] if settings.min_effect else []
        proposer = ledger.overrides.proposer
        words += ["--proposer", proposer] if proposer != "optuna" else []
        words += [] if settings.recipes else ["--no-recipes"]
        words += ["--warm-start"] if settings.warm_start else []
        words += [] if settings.ladder else ["--no-ladder"]
    return shlex.join([*words, "--jobs", "1"])


def baseline_command(ledger: Study) -> str:
    """Tunes the baselines with as many trials as this study had."""
    settings = ledger.settings
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
    commit = str(tool["commit"])[:12] if tool["commit"] else "not in git"
    return {
        "autoresearch": commit + (", changed since" if tool["dirty"] else ""),
        "python": platform.python_version(),
        "torch": metadata.version("torch"),
        "optuna": metadata.version("optuna"),
        "platform": platform.platform(),
    }
