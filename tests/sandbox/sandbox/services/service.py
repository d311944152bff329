"""What a service of the sandbox is to the gate that dispatches to it."""

from collections.abc import Callable
from dataclasses import dataclass

from ..wire import Answer
from ..world import Ask

Operation = Callable[[Ask], Answer]


@dataclass(frozen=True, slots=True)
class Service:
    """``name`` is AWS's signing name, ``model`` botocore's name, ``target`` the prefix of
    X-Amz-Target for the JSON protocol (empty for the query protocol), ``aliases`` other forms of
    it that SDKs send."""

    name: str
    model: str
    target: str
    operations: dict[str, Operation]
    moto_has_the_rest: bool = False
    aliases: tuple[str, ...] = ()
