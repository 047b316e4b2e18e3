"""Sends the events of a study to trackio, a run there for each study.

autoresearch run --track mqar --on-event "python docs/trackers/to_trackio.py"
"""

import json
import sys

import trackio

event = json.load(sys.stdin)
trial = event.get("trial") or {}
settings = {name: event[name] for name in ("track", "objective", "scale", "budget")}
trackio.init(project="autoresearch", name=event["study"], resume="allow", config=settings)
if event["event"] == "trial_finished":
    numbers = ("trial", "score", "final", "steps_to_target", "duration_s")
    trackio.log({name: trial[name] for name in numbers if trial[name] is not None})
elif event["event"] == "new_best":
    trackio.log({"best_score": trial["score"]})
elif event["event"] == "verdict":
    trackio.log({"accepted": int(event["verdict"]["accepted"])})
trackio.finish()
