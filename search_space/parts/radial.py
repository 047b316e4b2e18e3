"""Radial: the part of a step along the weights, which changes their norm."""

from search_space.part import Kind, Param, Part, either
from search_space.parts.coordinates import DENSE

BRAKE_SHARE = Param("share", "RADIAL_SHARE", 0.01, 1.0, 0.5, "k, share of an outward step kept")

FREE = Part("free", "the step as it is")

BRAKE = Part("brake", "shortens the part of a step that would make the norm larger",
    formula="r = <U, W> / |W|^2;  U <- U - (1 - k) r W where r < 0",
    source="radial brake, modded-nanogpt contest 2026",
    params=(BRAKE_SHARE,),
    update="update = radial_brake(update, value, RADIAL_SHARE)",
    matrix_only=True,
    signature=either("radial brake", "(?:brake|dampen)s? (?:outward )?radial"),
)

PINNED = Part(
    name="pinned",
    summary="the brake, and the norm changes by no more than the radial part of the step",
    formula="U as with the brake;  n = |W| - eta <U, W> / |W|;  W <- W n / |W| after the step",
    source="radial brake and radius rescale, modded-nanogpt contest 2026",
    params=(BRAKE_SHARE,),
    update="""\
update = radial_brake(update, value, RADIAL_SHARE)
norm = intended_norm(value, update, lr)
""",
    after="pin_norm(value, norm)",
    matrix_only=True,
    requires={
        "coordinates": DENSE,
        "magnitude": ("none", "gradient_norm", "trust_ratio", "ratio_floor", "row_floor", "natural",
                      "first_descent", "distance"),
    },
    signature=either("(?:radius|norm) (?:pin|rescale)", "pin_norm", "rescale to radius"),
)

KIND = Kind("radial", "controls the step along the weights")
