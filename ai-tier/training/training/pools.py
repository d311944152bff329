"""Values that only a database knows: people, accounts, tags, ids. All made up, and split.

One in five of each pool is held out: questions made with ``held_out`` use only those, all others never
do. What a value is depends on the dimension's name; a dimension of a new entity gets the pool of its
like, or plain words.
"""

import random
import tomllib
import zlib
from collections.abc import Callable
from pathlib import Path

_TEXTS = tomllib.loads((Path(__file__).parent / "lexicon/pools.toml").read_text())


def _listed(name: str) -> tuple[str, ...]:
    text: str = _TEXTS[name]
    if "|" in text:
        return tuple(it for line in text.split("\n") for it in line.split("|") if it)
    return tuple(text.split())


FIRST, LAST = _listed("first"), _listed("last")
TAG_NAMES: dict[str, list[str]] = _TEXTS["tag_names"]
LISTS = {
    "account": "account", "name@accounts": "account", "directory": "directory", "bundle": "bundle",
    "service": "service", "error_code": "operation_error", "kind@jobs": "job_kind",
    "title": "report_title", "currency": "currency", "user_agent": "program", "reason": "reason",
    "why": "reason", "old": "old_or_new", "new": "old_or_new", "summary": "word",
    "error_message": "word", "error": "word",
}  # fmt: skip
"""Dimension, or dimension@entity, and the list its values come from."""
PEOPLE = ("user_name", "username", "proposed_by", "decided_by", "asked_by", "source_identity")


def is_held_out(value: str) -> bool:
    """By the value alone, so that no list of what is held out is needed."""
    return zlib.crc32(value.lower().encode()) % 5 == 0


class Pools:
    """Draws values for dimensions."""

    def __init__(self, rng: random.Random, held_out: bool = False) -> None:
        self.rng = rng
        self.held_out = held_out
        self.drawn: dict[tuple[str, str], set[str]] = {}
        """What was given out, by entity and dimension: the database of these questions."""

    def value(self, entity: str, dimension: str) -> str:
        """A value of a text dimension."""
        bare = dimension.removeprefix("desktop.")
        if bare.startswith("tags."):
            made = self._of(lambda: self._tag(bare.removeprefix("tags.")))
        else:
            made = self._of(lambda: self._one(entity, bare))
        self.drawn.setdefault((entity, dimension), set()).add(made)
        return made

    def _of(self, draw: Callable[[], str]) -> str:
        """Of the right side of the split; short lists may have nothing there."""
        for _ in range(40):
            made = draw()
            if is_held_out(made) == self.held_out:
                return made
        return draw() + ("-9" if self.held_out else "-1")

    def _one(self, entity: str, bare: str) -> str:
        rng = self.rng
        if bare in PEOPLE:
            return self.person()
        if bare == "actor":
            return self.person() if rng.random() < 0.6 else rng.choice(_listed("actor_role"))
        if bare in ("id", "workspace_id"):
            return "ws-" + self._letters(9)
        if bare == "computer_name":
            prefix = rng.choice(("WSAMZN", "EC2AMAZ", "VDI", "DESK", "ACME", "PC"))
            return f"{prefix}-{self._letters(8).upper()}"
        if bare == "account_id":
            return str(rng.randrange(10**11, 10**12))
        if bare == "directory_id":
            return "d-" + f"{rng.randrange(16**10):010x}"
        if bare == "bundle_id":
            return "wsb-" + self._letters(9)
        if bare == "subnet_id":
            return "subnet-" + f"{rng.randrange(16**8):08x}"
        if bare in ("ip_address", "source_ip"):
            return f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        if bare == "email":
            return f"{self.person()}@{rng.choice(_listed('mail_domain'))}"
        if bare == "actor_arn":
            account = rng.randrange(10**11, 10**12)
            return f"arn:aws:iam::{account}:role/{rng.choice(_listed('actor_role'))}"
        listed = LISTS.get(f"{bare}@{entity}") or LISTS.get(bare) or "word"
        return rng.choice(_listed(listed))

    def person(self) -> str:
        """A user name as directories write them."""
        rng = self.rng
        first, last = rng.choice(FIRST), rng.choice(LAST)
        form = rng.random()
        if form < 0.6:
            return f"{first}.{last}"
        if form < 0.75:
            return f"{first[0]}{last}"
        if form < 0.85:
            return f"{first}.{last}{rng.randint(2, 9)}"
        if form < 0.93:
            return f"{first}_{last}"
        return f"{last}{first[0]}"

    def tag(self) -> str:
        """The name of a tag."""
        return self.rng.choice(list(TAG_NAMES))

    def _tag(self, name: str) -> str:
        return self.rng.choice(_TEXTS["tags"][name].split("|"))

    def _letters(self, n: int) -> str:
        return "".join(self.rng.choice("bcdfghjklmnpqrstvwxz0123456789") for _ in range(n))


def surface(rng: random.Random, dimension: str, value: str) -> str:
    """How somebody types a value: mostly as it is, names also with a space or capitals."""
    bare = dimension.removeprefix("desktop.")
    chance = rng.random()
    if bare in PEOPLE or bare == "actor":
        first, dot, last = value.partition(".")
        if not dot or chance < 0.55:
            return value
        if chance < 0.75:
            return f"{first} {last}"
        return f"{first.title()} {last.title()}" if chance < 0.93 else f"{first}.{last}".upper()
    if bare in ("account", "directory", "bundle", "name") and chance < 0.2:
        return value.replace("-", " ")
    if bare == "service" and chance < 0.6:
        return SERVICE_NAMES.get(value, value.removeprefix("Amazon ").removeprefix("AWS "))
    if bare in ("id", "workspace_id", "computer_name") and chance < 0.1:
        return value.upper()
    return value.lower() if chance > 0.9 and not bare.endswith("id") else value


SERVICE_NAMES = {
    "Amazon Elastic Compute Cloud - Compute": "EC2",
    "Amazon Simple Storage Service": "S3",
    "AmazonCloudWatch": "CloudWatch",
    "AWS Key Management Service": "KMS",
    "Amazon Relational Database Service": "RDS",
    "Amazon Virtual Private Cloud": "VPC",
    "Amazon WorkSpaces": "WorkSpaces",
}
"""What people say for services whose bill name nobody types."""
