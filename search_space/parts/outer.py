"""Outer: what happens to the weights between steps, around the optimizer of the phases."""

from search_space.part import Kind, Param, Part, either

SLOW = "self.slow = copies(self.parameters)"

NONE = Part("none", "the weights stay where the step left them")

LOOKAHEAD = Part("lookahead", "every k steps the weights return part of the way to slow weights",
    formula="S <- S + a (W - S), W <- S, every k steps",
    source="Lookahead, Zhang et al. 2019, arXiv:1907.08610",
    params=(
        Param("every", "OUTER_EVERY", 2, 100, 5, "k, steps between two returns", log=True,
              whole=True),
        Param("share", "OUTER_SHARE", 0.02, 1.0, 0.5, "a, share of the way that is kept"),
    ),
    enter=SLOW,
    finish="""\
if self.steps % OUTER_EVERY == 0:
    return_to_slow(self.slow, self.parameters, OUTER_SHARE)
""",
    signature=either("lookahead optimi[sz]er", "slow weights", "return_to_slow"),
)

OUTER_NESTEROV = Part(
    name="outer_nesterov",
    summary="every k steps the way of the weights is the gradient of a Nesterov step",
    formula="D = S - W, M <- m M + D, S <- S - a (D + m M), W <- S, every k steps",
    source="DiLoCo, Douillard et al. 2023, arXiv:2311.08105, on one machine; MuLoCo",
    params=(
        Param("every", "OUTER_EVERY", 2, 100, 30, "k, steps between two outer steps", log=True,
              whole=True),
        Param("step", "OUTER_STEP", 0.1, 3.0, 0.7, "a, outer step size", log=True),
        Param("momentum", "OUTER_MOMENTUM", 0.1, 0.98, 0.5, "m, share kept an outer step",
              complement=True),
    ),
    enter=SLOW + "\nself.speed = [torch.zeros_like(p) for p in self.parameters]",
    finish="""\
if self.steps % OUTER_EVERY == 0:
    outer_step(self.slow, self.speed, self.parameters, OUTER_STEP, OUTER_MOMENTUM)
""",
    signature=either("outer nesterov", "di loco", "mu loco", "outer_step"),
)

EMA_NESTEROV = Part(
    name="ema_nesterov",
    summary="gradients are taken ahead, along the average of the steps so far",
    formula="D <- b D + (1 - b) (W - W_before);  "
    "W <- W + s D for x0 <= x < x1, before the gradient",
    source="EMA-Nesterov, 2026, arXiv:2605.25395, with a constant s",
    params=(
        Param("ahead", "AHEAD", 0.01, 1.0, 0.3, "s, share of the average step", log=True),
        Param("beta", "DRIFT_KEPT", 0.5, 0.999, 0.99, "b, share of D kept a step",
              complement=True),
        Param("start", "AHEAD_FROM", 0.0, 0.95, 0.1, "x0, fraction of the run"),
        Param("until", "AHEAD_UNTIL", 0.02, 1.0, 0.7, "x1, fraction of the run"),
    ),
    enter="""\
self.before = copies(self.parameters)
self.drift = [torch.zeros_like(p) for p in self.parameters]
""",
    finish="""\
follow_drift(self.drift, self.before, self.parameters, DRIFT_KEPT)
if AHEAD_FROM <= x < AHEAD_UNTIL:
    move_ahead(self.drift, self.parameters, AHEAD)
""",
    signature=either("ema nesterov", "follow_drift"),
)

SCHEDULE_FREE = Part(
    name="schedule_free",
    summary="steps a base sequence by gradients between it and its plain mean; ends at the mean",
    formula="Z <- Z - eta U, U at Y = (1 - b) Z + b X;  X <- mean of Z over steps;  "
    "W is Y, and X at the end",
    source="Schedule-Free, Defazio et al. 2024, arXiv:2405.15682, with equal weights of all steps",
    params=(
        Param("blend", "FREE_BLEND", 0.1, 0.998, 0.9, "b, share of the mean where gradients are",
              complement=True),
    ),
    enter="""\
self.base, self.mean = copies(self.parameters), copies(self.parameters)
self.bases = 0
""",
    finish="""\
self.bases += 1
free_step(self.base, self.mean, self.parameters, FREE_BLEND, 1 / self.bases)
if self.steps == self.max_steps:
    copy_in(self.mean, self.parameters)
""",
    signature=either("schedule free", "free_step"),
)

KIND = Kind("outer", "moves the weights between steps")
