"""The peer of the ai-tier: the same prompts and grammars through llama-cpp-python, without a kept prefix.

Reads one JSON object a line, ``{"messages": [...], "grammar": "...", "max_tokens": n}``, and writes for each what it
took and wrote. The model is the merged file of the product; the chat template is the file's own. Before each question
the context is forgotten, which is what the kept prefix is measured against.

Arguments: the model file and the number of threads.
"""

import json
import sys
import time

from llama_cpp import Llama, LlamaGrammar

# As much as the longest prompt and its line need; a larger context would only cost memory.
CONTEXT = 2048


def answer(model: Llama, asked: dict[str, object]) -> dict[str, object]:
    """Puts a question to the model, by the likeliest token at each step."""
    began = time.perf_counter()
    model.reset()
    told = model.create_chat_completion(
        messages=asked["messages"],
        grammar=LlamaGrammar.from_string(asked["grammar"], verbose=False),
        max_tokens=asked["max_tokens"],
        temperature=0.0,
    )
    return {
        "seconds": time.perf_counter() - began,
        "text": told["choices"][0]["message"]["content"],
        "prompt_tokens": told["usage"]["prompt_tokens"],
    }


def main() -> None:
    """Answers every line of standard input."""
    path, threads = sys.argv[1], int(sys.argv[2])
    model = Llama(path, n_ctx=CONTEXT, n_threads=threads, n_threads_batch=threads, verbose=False)
    for line in sys.stdin:
        print(json.dumps(answer(model, json.loads(line))), flush=True)


main()
