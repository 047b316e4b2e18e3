"""What may propose specs to a study, by name."""

from typing import Literal

SamplerName = Literal["forest", "parzen", "evolution", "tpe", "random"]
DEFAULT: SamplerName = "forest"
