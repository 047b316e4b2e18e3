"""Every form by the name of its contest."""

from agent.publish.contests.caffeine import Caffeine
from agent.publish.contests.form import Form
from agent.publish.contests.parameter_golf import ParameterGolf
from agent.publish.contests.track3 import Track3

FORMS: dict[str, Form] = {form.name: form for form in (Caffeine(), Track3(), ParameterGolf())}
