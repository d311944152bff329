"""The official client of the OpenAI API talks to a running ai-tier.

What is sent and read here is the client's own code: a field that it cannot read, or a stream that it waits for in vain,
fails these tests. What the model says is not judged; grammars decide it.

Reads SKYDESK_TEST_AI_URL (without a path) and SKYDESK_TEST_AI_API_KEY.
"""

import json
import math
import os
from collections.abc import Iterator

import openai
import pytest

QUESTION = [
    {"role": "system", "content": "Answer in one word."},
    {"role": "user", "content": "Which colour has grass?"},
]
COLOURS = 'root ::= "green" | "blue" | "red"'


@pytest.fixture(scope="module")
def client() -> Iterator[openai.OpenAI]:
    """A client with the right key that takes the first answer for an answer."""
    with connect(os.environ["SKYDESK_TEST_AI_API_KEY"]) as it:
        yield it


def connect(key: str) -> openai.OpenAI:
    url = os.environ["SKYDESK_TEST_AI_URL"] + "/v1"
    return openai.OpenAI(base_url=url, api_key=key, max_retries=0, timeout=60)


def ask(client: openai.OpenAI, grammar: str, **fields):
    """A question whose answer a grammar decides. The grammar and other extensions travel in `extra_body`."""
    extra = {"grammar": grammar, **fields.pop("extra", {})}
    return client.chat.completions.create(model="small", messages=QUESTION, extra_body=extra, **fields)


def test_models_are_listed_and_found(client: openai.OpenAI) -> None:
    assert "small" in [model.id for model in client.models.list()]
    assert client.models.retrieve("small").object == "model"


def test_a_whole_answer(client: openai.OpenAI) -> None:
    answer = ask(client, 'root ::= "green"', max_tokens=10, temperature=0)
    choice = answer.choices[0]
    assert (choice.message.role, choice.message.content, choice.finish_reason) == ("assistant", "green", "stop")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.prompt_tokens_details.cached_tokens >= 0


def test_a_streamed_answer_ends_with_its_usage(client: openai.OpenAI) -> None:
    chunks = list(ask(client, 'root ::= [a-z]{8}', stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert len(text) == 8
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage.completion_tokens > 0


def test_an_answer_that_fits_a_json_schema(client: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"mode": {"enum": ["AUTO_STOP", "ALWAYS_ON"]}},
        "required": ["mode"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "plan", "strict": True, "schema": schema}}
    answer = client.chat.completions.create(
        model="small", messages=QUESTION, response_format=form, max_tokens=60
    )
    assert json.loads(answer.choices[0].message.content)["mode"] in ("AUTO_STOP", "ALWAYS_ON")


def test_log_probabilities(client: openai.OpenAI) -> None:
    answer = ask(client, COLOURS, logprobs=True, top_logprobs=3)
    tokens = answer.choices[0].logprobs.content
    assert "".join(token.token for token in tokens) == answer.choices[0].message.content
    assert len(tokens[0].top_logprobs) == 3
    assert tokens[0].logprob <= 0
    assert bytes(tokens[0].bytes).decode() == tokens[0].token


def test_rivals_come_as_further_choices(client: openai.OpenAI) -> None:
    answer = ask(client, COLOURS, extra={"rivals": 2})
    shares = [math.exp(choice.likelihood["allowed_logprob"]) for choice in answer.choices]
    assert len({choice.message.content for choice in answer.choices}) == len(answer.choices)
    assert shares[1:] == sorted(shares[1:], reverse=True)
    assert sum(shares) <= 1.001


def test_candidates_are_judged_as_they_would_be_written(client: openai.OpenAI) -> None:
    written = ask(client, COLOURS, logprobs=True).choices[0]
    judged = ask(client, COLOURS, extra={"candidates": ["red", "green", "blue"]}).choices
    assert [choice.message.content for choice in judged] == ["red", "green", "blue"]
    same = next(choice for choice in judged if choice.message.content == written.message.content)
    assert same.likelihood["logprob"] == pytest.approx(written.likelihood["logprob"], abs=0.05)
    shares = [math.exp(choice.likelihood["allowed_logprob"]) for choice in judged]
    assert sum(shares) == pytest.approx(1, abs=0.01)


def test_refusals_become_the_clients_exceptions(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ask(client, "root")
    assert (refused.value.code, refused.value.param) == ("invalid_grammar", "grammar")
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-9")
    with pytest.raises(openai.AuthenticationError):
        connect("wrong").models.list()
