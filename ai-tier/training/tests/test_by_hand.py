"""Questions that people wrote, in the generator's form."""

import json
import re
from pathlib import Path

from training import by_hand


def test_questions_are_as_the_generator_would_have_written_them(tmp_path: Path) -> None:
    plan, other = {"entity": "workspaces"}, {"entity": "usage"}
    lines = [
        {"id": "1", "q": "list", "expect": "answer", "plan": plan},
        {"id": "2", "q": "either", "expect": "answer", "plans": [other, plan]},
        {"id": "3", "q": "and there?", "expect": "answer", "previous": other, "plan": plan},
        {"id": "4", "q": "which?", "expect": "ask", "plans": [plan, other]},
        {"id": "5", "q": "the weather", "expect": "refuse", "why": "no data"},
    ]
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    (tmp_path / "a.jsonl").write_text(json.dumps(lines[4]) + "\n", "utf-8")
    (tmp_path / "values.tsv").write_text("workspaces\tregion\teu-west-1\nworkspaces\tregion\tus-east-1\n", "utf-8")
    out, out_values = tmp_path / "out", tmp_path / "out-values"
    by_hand.main([str(tmp_path / "b.jsonl"), str(tmp_path / "a.jsonl"), "--values", str(tmp_path / "values.tsv"),
                  "--out", str(out), "--out-values", str(out_values)])  # fmt: skip
    kept = [json.loads(it) for it in out.read_text("utf-8").splitlines()]
    assert kept == [
        {"q": "list", "expect": "answer", "kind": "real", "plan": plan},
        {"q": "either", "expect": "answer", "kind": "real", "plan": other},
        {"q": "and there?", "expect": "answer", "kind": "real", "previous": other, "plan": plan},
        {"q": "which?", "expect": "ask", "kind": "real", "plans": [plan, other]},
        {"q": "the weather", "expect": "refuse", "kind": "real"},
        {"q": "the weather", "expect": "refuse", "kind": "real"},
    ]
    assert json.loads(out_values.read_text("utf-8")) == {"workspaces": {"region": ["eu-west-1", "us-east-1"]}}


def test_questions_that_stand_alone_are_asked_after_others_too() -> None:
    kept = [{"q": f"how many desktops are in {n}", "plan": {"n": n}} for n in range(9)]
    kept += [{"q": "stopped ones", "plan": {}}, {"q": "and there?", "previous": {"entity": "usage"}, "plan": {}}]
    more = by_hand.after(kept, 4, 7)
    assert len({it["q"] for it in more}) == 4
    assert all(it in kept for it in ({key: it[key] for key in ("q", "plan")} for it in more))
    assert all(it["previous"] == {"entity": "usage"} and it["q"].startswith("how many") for it in more)
    assert more == by_hand.after(kept, 4, 7) != by_hand.after(kept, 4, 8)


def test_nothing_that_is_judged_by_is_taught() -> None:
    root = Path(__file__).parents[3]
    readers = root / "app-tier/domain/tests/questions"
    judged = [*(root / "tests/questions").glob("*.jsonl"), *readers.glob("validation*.jsonl"), readers / "development-5.jsonl"]
    taught = (root / "ai-tier/training/questions").glob("*.jsonl")
    words = {words_of(it) for path in judged for it in questions_of(path)}
    assert len(words) > 1000
    both = {f"{path.name}: {it}" for path in taught for it in questions_of(path) if words_of(it) in words}
    assert not both


def questions_of(path: Path) -> list[str]:
    return [json.loads(it)["q"] for it in path.read_text("utf-8").splitlines()]


def words_of(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))
