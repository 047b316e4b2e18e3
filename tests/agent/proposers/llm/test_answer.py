"""What is read as a model's answer: the same proposal in every form in which models write it."""

import json
import random
import re
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from agent.proposers.llm.answer import read_answer, read_code
from agent.proposers.llm.reader import read_techniques
from agent.proposers.llm.structured import json_object
from helpers.fake_researcher import FAST, LAZY
from tracks.submission import Submission

GOOD = LAZY.format(rate=0.05)
PARENT = GOOD.replace("0.6", "0.7")
EDIT = {"find": "mul_(0.7)", "replace": "mul_(0.6)"}
FORMS: dict[str, dict[str, Any]] = {
    "spec": {"form": "spec", "spec": json.dumps(FAST)},
    "edit": {"form": "edit", "parent": 0, "edits": [EDIT]},
    "code": {"form": "code", "source": GOOD},
}
TICKS, TILDES = "```", "~~~"

T = TypeVar("T")
Change = Callable[[Any], Any]

BUCKETS: list[Any] = ["high", "High", "HIGH", " high\n"]
PARENTS: list[Any] = [[0], ["0"], [0.0], ["trial 0"], ["#0"], 0, "0", [0, "0"]]
NO_PARENTS: list[Any] = [[], None]
OPTIMIZER: list[Change] = [lambda made: made, json.dumps, lambda made: [made],
                           lambda made: f"{TICKS}json\n{json.dumps(made)}\n{TICKS}"]  # fmt: skip
INSIDE: dict[str, list[Change]] = {
    "spec": [
        lambda text: text,
        json.loads,
        lambda text: [json.loads(text)],
        lambda text: f"{TICKS}\n{text}\n{TICKS}",
        lambda text: json.dumps(json.loads(text), indent=2).replace("\n}", ",\n}"),
        lambda text: json.dumps(json.loads(text)),
    ],
    "edit": [lambda number: number, str, float, lambda number: f"trial {number}"],
    "code": [
        lambda code: code,
        lambda code: f"{TICKS}python\n{code}{TICKS}",
        lambda code: f"\n{TICKS}py\n{code}\n{TICKS}\n",
        lambda code: f"Here it is:\n\n{TILDES}python3 title=x\n{code}{TILDES}\n\nIt's simple.",
        lambda code: f"````\n{code}````",
        lambda code: f"{TICKS}python\n{code}",
        lambda code: "\ufeff" + code,
        lambda code: indented(code),
        lambda code: f"   {TICKS}python\n{indented(code)}   {TICKS}",
        lambda code: code.replace("\n", "\r\n"),
    ],
}
WRITTEN: list[Callable[[Any], str]] = [
    json.dumps,
    lambda answer: json.dumps(answer, indent=2),
    lambda answer: json.dumps([answer]),
    lambda answer: raw_newlines(json.dumps(answer, ensure_ascii=False)),
    lambda answer: raw_newlines(json.dumps(answer, indent=4)),
    lambda answer: json.dumps(answer, indent=1)[:-2] + ",\n}",
    lambda answer: json.dumps([answer])[:-1] + ", ]",
]
AROUND: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: "\ufeff" + text,
    lambda text: f"{TICKS}json\n{text}\n{TICKS}",
    lambda text: f"{TICKS}JSON5 file=a\r\n{text}\r\n{TICKS}",
    lambda text: f"{TILDES}\n{text}\n{TILDES}",
    lambda text: f"````jsonc\n{text}\n````",
    lambda text: f"{TICKS}{text}{TICKS}",
    lambda text: f"Sure! Here's \\frac{{1}}{{2}} of it {{x}}, 5\" wide:\n\n{text}\n\nIt's {{}}.",
    lambda text: f'I start from {{"part": "adam"}}.\n{text}\nNow {{"form": "x"}} is "no" more.',
    lambda text: f"<think>\nMaybe {json.dumps({'optimizer': 1})}? Or {{...\n</think>\n\n{text}",
    lambda text: f"a thought, as its beginning was in the prompt</think>{text}",
    lambda text: f"<Thinking>hm</Thinking> <reasoning>{{</reasoning> {text}",
    lambda text: f"{text}\n<|end|>",
]


def indented(code: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in code.splitlines(True))


def raw_newlines(text: str) -> str:
    """With line breaks in strings, but for those of a JSON text inside a string."""
    return re.sub(r"(?<!\\)\\n", "\n", text)


def source_of(number: int) -> str | None:
    return PARENT if number == 0 else None


def answer(form: str, chosen: random.Random, *, plain: bool = False) -> str:
    """Of one of the forms, written in one of many ways, or in the first of each."""

    def one(ways: list[T]) -> T:
        return ways[0] if plain else chosen.choice(ways)

    made = dict(FORMS[form])
    field = {"spec": "spec", "edit": "parent", "code": "source"}[form]
    made[field] = one(INSIDE[form])(made[field])
    if not plain and chosen.random() < 0.3:
        made["form"] = made["form"].title()
    told = {
        "hypothesis": "Rows rest, </think> or not: {a, b} ``` ,] \u2211",
        "expected_effect": "20 steps",
        "bucket": one(BUCKETS),
        "parents": one(NO_PARENTS if form == "spec" else PARENTS),
        "name": "It, rests",
        "optimizer": one(OPTIMIZER)(made),
    }
    return one(AROUND)(one(WRITTEN)(told))


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_is_read_in_whatever_form_it_is_written(form: str) -> None:
    meant = read_answer(answer(form, random.Random(), plain=True), 400, source_of)
    assert meant.label == "it-rests"
    assert meant.hypothesis is not None
    assert meant.hypothesis.parents == (() if form == "spec" else (0,))
    for seed in range(150):
        text = answer(form, random.Random(seed))
        read = read_answer(text, 400, source_of)
        assert (read.label, read.hypothesis, read.spec) == (
            meant.label,
            meant.hypothesis,
            meant.spec,
        ), text
        same = read.submission.source.replace("\r\n", "\n").strip()
        assert same == meant.submission.source.strip(), text


@pytest.mark.parametrize("form", FORMS)
def test_each_way_of_writing_is_read_alone(form: str) -> None:
    plain = json.loads(answer(form, random.Random(), plain=True))
    texts = [way(json.dumps(plain)) for way in AROUND] + [way(plain) for way in WRITTEN]
    texts += [json.dumps(plain | {"bucket": bucket}) for bucket in BUCKETS]
    texts += [json.dumps(plain | {"optimizer": way(plain["optimizer"])}) for way in OPTIMIZER]
    field = {"spec": "spec", "edit": "parent", "code": "source"}[form]
    for way in INSIDE[form]:
        made = plain["optimizer"] | {field: way(plain["optimizer"][field])}
        texts.append(json.dumps(plain | {"optimizer": made}))
    meant = read_answer(json.dumps(plain), 400, source_of)
    for text in texts:
        read = read_answer(text, 400, source_of)
        assert read.hypothesis == meant.hypothesis, text
        same = read.submission.source.replace("\r\n", "\n").strip()
        assert same == meant.submission.source.strip(), text


REFUSED = {
    "prose": ("Sure! Here it is.", "expected JSON, one object; there is none"),
    "a list of numbers": ("[1, 2]", "expected JSON, one object; there is none"),
    "braces": ("{a} {b} {", "expected JSON, one object; Expecting property name"),
    "a quotation mark": (
        json.dumps({"optimizer": {"form": "code", "source": 'a = "b"'}}).replace('\\"', '"'),
        "Expecting ',' delimiter between 'orm\": ",
    ),
    "a cut": (
        json.dumps({"hypothesis": "h", "optimizer": {"form": "x"}})[:-1],
        "Expecting ',' del",
    ),
    "single quotes": ("{'optimizer': {'form': 'code'}}", "Expecting property name"),
    "no bucket": (json.dumps({"optimizer": {}}), "bucket: Field required, got {'optimizer'"),
    "depth": ('{"a":' * 10**5, "expected JSON, one object; it cannot be read"),
    "digits": ('{"optimizer": 1' + "0" * 10**4 + "}", "expected JSON, one object; it cannot"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_answer_is_refused_with_its_reason(name: str) -> None:
    text, why = REFUSED[name]
    with pytest.raises(ValueError, match=re.escape(why)):
        read_answer(text, 400, source_of)


STRICT: dict[str, tuple[dict[str, Any], str]] = {
    "bucket": ({"bucket": "huge"}, "bucket: Input should be 'high', 'medium' or 'low', got 'huge'"),
    "no bucket": ({"bucket": None}, "bucket: Input should be 'high', 'medium' or 'low', got None"),
    "parents": ({"parents": ["first"]}, "parents.0: Input should be a valid integer"),
    "true": ({"parents": [True]}, "parents.0: expected the number of a trial"),
    "half": ({"parents": [0.5]}, "parents.0: Input should be a valid integer"),
    "many": ({"parents": [0] * 21}, "parents: expected at most 20 trials, got 21"),
    "two": ({"optimizer": [{}, {}]}, "optimizer: expected an object, or its JSON as text"),
    "a number": ({"optimizer": 3}, "optimizer: expected an object, or its JSON as text"),
    "text": ({"optimizer": "adam"}, "optimizer: expected JSON, one object; there is none"),
    "form": (
        {"optimizer": {"form": "file"}},
        "optimizer: Input tag 'file' found using 'form' does not match",
    ),
    "spec": ({"optimizer": {"form": "spec"}}, "optimizer.spec.spec: Field required"),
    "parent": (
        {"optimizer": {"form": "edit", "parent": "seven", "edits": [EDIT]}},
        "optimizer.edit.parent: Input should be a valid integer",
    ),
    "code": ({"optimizer": {"form": "code", "source": f"{TICKS}\nno no\n{TICKS}"}}, "syntax error"),
    "source": (
        {"optimizer": {"form": "code", "source": [GOOD]}},
        "optimizer.code.source: Input should be a valid string",
    ),
}


@pytest.mark.parametrize("name", STRICT)
def test_what_is_read_is_checked(name: str) -> None:
    change, why = STRICT[name]
    plain = json.loads(answer("code", random.Random(), plain=True))
    with pytest.raises(ValueError, match=re.escape(why)):
        read_answer(json.dumps(plain | change), 400, source_of)


def test_the_last_answer_counts_and_not_its_draft() -> None:
    first, last = '{"key": 1}', '{"key": {"key": 2,},}'
    assert json_object(f"Not {first} but {last}", "it", "key") == {"key": {"key": 2}}
    assert json_object(f"Not {last} but {first}", "it", "key") == {"key": 1}
    assert json_object(first + ' not {"a": [1, 2, 3]}', "it", "key") == {"key": 1}
    broken = '{"key": "a" and more}'
    assert json_object(f"Not {broken} but {first}", "it", "key") == {"key": 1}
    with pytest.raises(ValueError, match="Expecting ',' delimiter"):
        json_object(f"<think>{first}</think>{broken}", "it", "key")
    assert json_object('{"a": 1} {"b": [2, 3, 4]}', "it", "key") == {"b": [2, 3, 4]}
    assert json_object('{"key": "a,] b ,}"}', "it", "key") == {"key": "a,] b ,}"}
    assert json_object('{"key": ["a\\",]", ], "b": ",}",}', "it", "key")["key"] == ['a",]']


def test_hostile_texts_are_read_in_little_time() -> None:
    for text in ("{" * 10**5, '{"a":' * 10**4, '{"a' * 10**5, '{"\\"' * 10**5, '{"a": 1,' * 10**4):
        with pytest.raises(ValueError, match="expected JSON"):
            json_object(text, "it", "key")


def test_code_that_is_python_is_left_as_it_is() -> None:
    quoted = f'"""\n{TICKS}python\nx = 1\n{TICKS}\n"""\nimport torch\n'
    assert read_code(quoted) == quoted
    assert read_code(f"````python\n{quoted}````") == quoted
    assert read_code("  x = 1\n  y = 2\n") == "x = 1\ny = 2\n"
    short = f"{TICKS}\nx = 1\n{TICKS}\nand then\n{TICKS}\n{GOOD}{TICKS}\n"
    assert read_code(short) == GOOD
    assert Submission(read_code("no python")).source == "no python"


def test_techniques_are_read_in_their_usual_forms() -> None:
    given = {"name": "Lion", "claimed_gain": None, "bucket": "High", "part": "", "evidence": None}
    meant = given | {"claimed_gain": "", "bucket": "high", "part": None, "evidence": ""}
    plain = read_techniques(json.dumps({"techniques": [meant]}), "there")
    assert plain[0].bucket == "high"
    text = f"Found:\n{TICKS}json\n{json.dumps({'techniques': [given]})[:-1]},}}\n{TICKS}"
    assert read_techniques(text, "there") == plain
    with pytest.raises(ValueError, match="bucket: Input should be"):
        read_techniques(json.dumps({"techniques": [meant | {"bucket": "huge"}]}), "there")
    with pytest.raises(ValueError, match=r"techniques.0.claimed_gain: Field required"):
        read_techniques(json.dumps({"techniques": [{"name": "x"}]}), "there")
