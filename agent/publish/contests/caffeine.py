"""The form of the caffeine benchmark: a folder of submissions/ with results of its harness."""

from agent.publish.contests.contribution import Added, Contribution, Given
from agent.publish.contests.form import Form, require_none
from agent.publish.contests.page import (
    as_json,
    introduction,
    measured_here,
    paired_sentence,
    track_logs,
)
from agent.study.errors import UserError
from tracks.base import Track
from tracks.evaluation import Evaluation
from tracks.result_file import result_record
from tracks.submission import Submission

TRACKS = ("random_teacher", "single_ar", "mqar")
FIELDS = (
    "submission", "submission_path", "track", "status", "training_wall_time_s", "duration_s",
    "steps", "max_steps", "eval_every", "train_samples", "eval_samples", "batch_size", "data_audit",
    "initial_eval_mse", "final_eval_mse", "best_eval_mse", "initial_eval_accuracy",
    "final_eval_accuracy", "best_eval_accuracy", "target_mse", "target_accuracy",
    "last_train_loss", "python", "torch", "device", "mps_available", "platform", "machine",
    "date_utc",
)  # fmt: skip
"""What the harness's --results-json writes."""


class Caffeine(Form):
    """submissions/NAME: submission.py, README.md, logs, and results as the harness writes them."""

    name = "caffeine"

    def add(self, winner: Submission, track: Track, given: Given) -> Added:
        require_none(self.name, script=given.script, log=given.logs, best=given.best)
        if track.name not in TRACKS:
            raise UserError(
                f"{winner.name} was confirmed on {track.name}; caffeine has {', '.join(TRACKS)}"
            )
        return Added()

    def files(self, given: Contribution) -> dict[str, str]:
        folder = f"submissions/{given.name}"
        results = {"official": given.official}
        results |= {f"seed_{index}": ours for index, (ours, _) in enumerate(given.seeds)}
        page = [*introduction(given), "All of its code is in `submission.py`."]
        page += measured_here(given, paired_sentence(given))
        files = {
            "submission.py": given.submission.source,
            "README.md": "\n\n".join(page) + "\n",
            **track_logs(given, "logs"),
            **{f"results/{name}.json": _result(given, run) for name, run in results.items()},
        }
        return {f"{folder}/{path}": text for path, text in files.items()}


def _result(given: Contribution, evaluation: Evaluation) -> str:
    path = f"submissions/{given.name}/submission.py"
    record = result_record(evaluation, given.name, path, given.objective)
    return as_json({name: record[name] for name in FIELDS})
