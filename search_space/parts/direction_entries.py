"""Directions that divide every entry by the root of its averaged squares."""

from search_space.part import Param, Part, either
from search_space.parts.coordinates import DENSE
from search_space.parts.direction import ALONE, EPSILON, second_moment

ADAM = Part("adam", "divided by the root of the averaged squares",
    formula="V <- b V + (1 - b) G^2;  U <- U / (sqrt(V / (1 - b^t)) + e)",
    source="Kingma and Ba 2015, arXiv:1412.6980",
    params=(second_moment(0.99), EPSILON),
    update="""\
second = buffer(state, "second", grad).lerp_(grad.square(), 1 - SECOND_MOMENT)
update = update / ((second / (1 - SECOND_MOMENT**t)).sqrt() + EPSILON)
""",
    requires=ALONE,
    signature=either("(?<!_)adamw?(?!_)(?! atan2)"),
)

ADAM_ATAN2 = Part("adam_atan2", "the angle between the average and the root of averaged squares",
    formula="V <- b V + (1 - b) G^2;  U <- 4 / pi atan2(U, sqrt(V / (1 - b^t)))",
    source="Adam-atan2, Everett et al. 2024, arXiv:2407.05872",
    params=(second_moment(0.99),),
    update="""\
second = buffer(state, "second", grad).lerp_(grad.square(), 1 - SECOND_MOMENT)
root = (second / (1 - SECOND_MOMENT**t)).sqrt()
update = 4 / math.pi * torch.atan2(update, root)
""",
    requires=ALONE,
    signature=either("adamw? atan2", r"torch\.atan2"),
)

ADAM_SCHEDULED = Part(
    name="adam_scheduled",
    summary="adam whose average of squares grows longer with the steps, and may change at the end",
    formula="b = min(b2, 1 - t^-c);  b moves to b3 from x0 on  #if SECOND_LAST;  "
    "V <- b V + (1 - b) G^2;  U <- U / (sqrt(V) + e)",
    source="Adafactor's decay, Shazeer and Stern 2018, arXiv:1804.04235, section 7.2",
    params=(
        second_moment(0.99),
        EPSILON,
        Param("rise", "SECOND_RISE", 0.1, 3.0, 0.8, "c", log=True),
        Param("last", "SECOND_LAST", 0.3, 0.9999, 0.0, "b3, share kept at the end; 0: as before",
              complement=True, optional=True),
        Param("last_from", "SECOND_FROM", 0.02, 0.95, 0.7, "x0, fraction of the run"),
    ),
    update="""\
lasting_share = min(SECOND_MOMENT, 1 - t**-SECOND_RISE)
lasting_share += (SECOND_LAST - lasting_share) * ramp(x, SECOND_FROM, 1.0)  #if SECOND_LAST
second = buffer(state, "second", grad).lerp_(grad.square(), 1 - lasting_share)
update = update / (second.sqrt() + EPSILON)
""",
    requires={"coordinates": DENSE, **ALONE},
    signature=either("adafactor", "(?:beta_?2|second moment) (?:schedule|warm up|cool down)",
                     "second_rise"),
)
