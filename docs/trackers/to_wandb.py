"""Sends the events of a study to Weights & Biases, a run there for each study.

autoresearch run --track mqar --on-event "python docs/trackers/to_wandb.py"

With --event-env WANDB_API_KEY where the key is a variable, and no login below HOME.
"""

import json
import sys

import wandb

event = json.load(sys.stdin)
trial = event.get("trial") or {}
settings = {name: event[name] for name in ("track", "objective", "scale", "budget")}
run = wandb.init(project="autoresearch", id=event["study"], resume="allow", config=settings)
if event["event"] == "trial_finished":
    numbers = ("trial", "score", "final", "steps_to_target", "duration_s")
    known = {name: trial[name] for name in numbers if trial[name] is not None}
    # each event is a run of its own where WANDB_MODE is offline, which would begin at step 0
    run.log(known, step=event["number"])
elif event["event"] == "new_best":
    run.summary["best_score"], run.summary["best"] = trial["score"], trial["label"]
elif event["event"] == "verdict":
    run.summary.update(event["verdict"])
elif event["event"] == "winner_committed":
    run.summary["branch"] = event["winner"]["branch"]
run.finish()
