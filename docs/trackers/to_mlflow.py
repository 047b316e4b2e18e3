"""Sends the events of a study to MLflow, a run there for each study.

autoresearch run --track mqar --on-event "python docs/trackers/to_mlflow.py"

With --event-env MLFLOW_TRACKING_URI where that variable names the server, or a file
sqlite:////PATH/mlflow.db.
"""

import json
import sys

import mlflow

event = json.load(sys.stdin)
trial, study = event.get("trial") or {}, event["study"]
mlflow.set_experiment("autoresearch")
known = mlflow.search_runs(filter_string=f"tags.study = '{study}'", output_format="list")
run_id = known[0].info.run_id if known else None
with mlflow.start_run(run_id=run_id, run_name=study, tags={"study": study}):
    if event["event"] == "study_started":
        mlflow.set_tags({name: event[name] for name in ("track", "objective", "scale")})
    elif event["event"] == "trial_finished":
        for name in ("score", "final", "steps_to_target", "duration_s"):
            if trial[name] is not None:
                mlflow.log_metric(name, trial[name], step=trial["trial"])
    elif event["event"] == "new_best":
        mlflow.log_metric("best_score", trial["score"], step=trial["trial"])
    elif event["event"] == "verdict":
        mlflow.set_tags({name: str(value) for name, value in event["verdict"].items()})
    elif event["event"] == "winner_committed":
        mlflow.set_tag("branch", event["winner"]["branch"])
