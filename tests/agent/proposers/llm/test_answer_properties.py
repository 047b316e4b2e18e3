"""Any answer of a model is read back equal, with prose and fences around it."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.proposers.llm.structured import json_object

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
PROSE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}"), max_size=60)


@given(
    content=VALUES,
    others=st.dictionaries(TEXTS, VALUES, max_size=3),
    before=PROSE,
    after=PROSE,
    indent=st.sampled_from([None, 1, 4]),
    fence=st.sampled_from(["", "```", "~~~", "````"]),
)
def test_an_object_is_read_back_from_prose(
    content: Any, others: dict[str, Any], before: str, after: str, indent: int | None, fence: str
) -> None:
    answer = {**others, "optimizer": content}
    written = json.dumps(answer, indent=indent)
    text = (
        f"{before}\n{fence}json\n{written}\n{fence}\n{after}"
        if fence
        else (f"{before}\n{written}\n{after}")
    )
    assert json_object(text, "the answer", "optimizer") == answer
