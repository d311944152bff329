"""How a question is typed: who asks, how politely, and how carefully. Values stay as they are."""

import random
from dataclasses import dataclass

from training.lexicon import texts
from training.wording import CLOSE, OPEN, say, split, tidy, unmarked

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SMALL_WORDS = ("the", "a", "an", "of", "do", "are", "is", "all", "that", "there", "our", "me")


@dataclass(frozen=True)
class Register:
    """How often what happens to a text of this register."""

    acts: str
    weight: float
    typos: float
    lower: float
    drops: float
    shortens: float
    ends: tuple[str, ...]


REGISTERS = (
    Register("terse", 30, 0.03, 0.55, 0.10, 0.06, ("", "", "", "?")),
    Register("plain", 36, 0.03, 0.40, 0.04, 0.03, ("", "", "?", "?", ".")),
    Register("chatty", 13, 0.05, 0.45, 0.05, 0.06, ("", "?", "?", "!", "...", "??", " :)")),
    Register("formal", 8, 0.0, 0.0, 0.0, 0.0, (".", "?", ".", "?")),
    Register("plain", 8, 0.75, 0.9, 0.35, 0.35, ("", "", "", "?", "??")),
    Register("terse", 5, 0.6, 0.9, 0.5, 0.4, ("", "", "?")),
)


@dataclass(frozen=True)
class Parts:
    """A question: ``loose`` and ``front`` are not yet in ``text``. ``form``: np, do, ask or terse."""

    form: str
    text: str
    loose: str = ""
    front: str = ""
    timeless: bool = False


def typed(rng: random.Random, parts: Parts) -> str:
    """The question as it reaches the product."""
    register = rng.choices(REGISTERS, [it.weight for it in REGISTERS])[0]
    text = _placed(rng, parts)
    # "I want you to last week, show …": nobody wraps a command that begins with something else.
    form = "ask" if parts.form == "do" and not text.startswith(parts.text[:8]) else parts.form
    text = _wrapped(rng, register, form, text, parts.timeless)
    return noisy(rng, register, text)


def _placed(rng: random.Random, parts: Parts) -> str:
    """The time behind, or before with a comma; what is to the front, there."""
    text = parts.text
    if parts.front:
        text = f"{parts.front}{rng.choice((', ', ': ', ' ', ', '))}{text}"
    if not parts.loose:
        return text
    if not parts.front and rng.random() < 0.16:
        return f"{parts.loose}{rng.choice((', ', ': ', ' ', ', '))}{text}"
    return f"{text}{rng.choice((' ', ' ', ' ', ', '))}{parts.loose}"


def _wrapped(rng: random.Random, register: Register, form: str, text: str, timeless: bool) -> str:
    acts = texts("acts")
    if form == "terse":
        return text
    text = say(rng, rng.choice(acts[register.acts][form]), x=text)
    if rng.random() < 0.07:
        trailing = acts["trailing"]["timeless" if timeless and rng.random() < 0.6 else "always"]
        text = f"{text}{rng.choice((' ', ', '))}{rng.choice(trailing)}"
    return text


def noisy(rng: random.Random, register: Register, text: str) -> str:
    """With the register's slips; ends without marks."""
    shorts: dict[str, list[str]] = texts("acts")["short"]
    made = []
    for piece, is_value in split(text):
        if is_value:
            made.append(piece)
            continue
        words = piece.split(" ")
        words = [it for it in words if it.lower() not in SMALL_WORDS or rng.random() >= register.drops]
        words = [
            rng.choice(shorts[it]) if it in shorts and rng.random() < register.shortens else it
            for it in words
        ]
        made.append(" ".join(words))
        if piece.endswith(" ") and not made[-1].endswith(" "):
            made[-1] += " "
    text = _with_typo(rng, "".join(made)) if rng.random() < register.typos else "".join(made)
    text = _cased(rng, register, tidy(text.replace(f"{CLOSE}{OPEN}", f"{CLOSE} {OPEN}")))
    return tidy(unmarked(text)) + rng.choice(register.ends)


def _cased(rng: random.Random, register: Register, text: str) -> str:
    if rng.random() < register.lower:
        return "".join(it if is_value else it.lower() for it, is_value in split(text))
    if rng.random() < 0.01:
        return "".join(it if is_value else it.upper() for it, is_value in split(text))
    return text[:1].upper() + text[1:] if rng.random() < 0.7 else text


def _with_typo(rng: random.Random, text: str) -> str:
    """One slip, now and then two, in words that are not values."""
    pieces = split(text)
    plain = [n for n, (it, is_value) in enumerate(pieces) if not is_value and len(it) > 4]
    if not plain:
        return text
    made = [it for it, _ in pieces]
    for _ in range(rng.choice((1, 1, 1, 2))):
        n = rng.choice(plain)
        words = made[n].split(" ")
        long = [k for k, it in enumerate(words) if len(it) > 3 and it.isalpha()]
        if long:
            k = rng.choice(long)
            words[k] = slip(rng, words[k])
            made[n] = " ".join(words)
    return "".join(made)


def slip(rng: random.Random, word: str) -> str:
    """A letter swapped, lost, doubled, or its neighbour on the keyboard; the first letter stays."""
    at = rng.randrange(1, len(word))
    kind = rng.randrange(4)
    if kind == 0 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + neighbour(rng, word[at]) + word[at + 1 :]


def neighbour(rng: random.Random, letter: str) -> str:
    """A key beside this one."""
    for row, keys in enumerate(KEYS):
        column = keys.find(letter.lower())
        if column >= 0:
            near = [keys[column + step] for step in (-1, 1) if 0 <= column + step < len(keys)]
            for other in (row - 1, row + 1):
                if 0 <= other < len(KEYS) and column < len(KEYS[other]):
                    near.append(KEYS[other][column])
            return rng.choice(near)
    return letter
