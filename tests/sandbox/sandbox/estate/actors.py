"""The people and programs that do things in the company's accounts, as CloudTrail identifies them.

Fixed names; which of them did something is chance, asked for by whoever tells it.
"""

from dataclasses import dataclass
from typing import Any

from ..keys import role_id
from .chance import base36, mixed, number


@dataclass(frozen=True, slots=True)
class Actor:
    """``role`` is None for an IAM user; ``source`` is the source identity of a role's session."""

    name: str
    role: str | None
    agent: str
    address: str
    source: str | None = None


_CONSOLE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0"
_SSO = "AWSReservedSSO_DesktopAdmin_4f1c2ab09d3e7781"

PEOPLE = (
    Actor("ingrid.larsen@halden.example", _SSO, _CONSOLE, "198.51.100.23", "ingrid.larsen"),
    Actor("marco.ricci@halden.example", _SSO, _CONSOLE, "198.51.100.41", "marco.ricci"),
    Actor("priya.nair@halden.example", _SSO, _CONSOLE, "203.0.113.8", "priya.nair"),
    Actor("sean.gallagher", None, "aws-cli/2.31.4 md/awscrt#0.27.6", "198.51.100.77"),
    Actor("teresa.almeida", None, "console.amazonaws.com", "203.0.113.90"),
)

OPTIMIZER = Actor(
    "cost-optimizer",
    "halden-workspaces-cost-optimizer",
    "Boto3/1.40.2 md/Botocore#1.40.2 ua/2.1 exec-env/AWS_ECS_FARGATE",
    "10.40.2.11",
)
JOINERS = Actor(
    "joiner-mover-leaver",
    "halden-identity-automation",
    "Boto3/1.39.0 exec-env/AWS_Lambda_python3.12",
    "10.40.7.5",
)
READER = Actor("skydesk", "SkydeskReader", "aws-sdk-rust/1.3.9 os/linux", "198.51.100.5")

_PROGRAMS = {"mode": OPTIMIZER, "create": JOINERS, "terminate": JOINERS}


def actor_of(cause: str, chance: int) -> Actor:
    """Who does such a thing: often a program, where there is one for it, otherwise a person."""
    program = _PROGRAMS.get(cause)
    if program is not None and chance % 8 < 5:
        return program
    return PEOPLE[(chance >> 8) % len(PEOPLE)]


def identity(actor: Actor, account: str, moment: str) -> dict[str, Any]:
    """The actor as ``userIdentity``; ``moment`` is when the session began, as CloudTrail writes."""
    chance = number(0, "key", account, actor.name)
    if actor.role is None:
        return {
            "type": "IAMUser",
            "principalId": "AIDA" + base36(chance, 12).upper() + "K7QPM",
            "arn": f"arn:aws:iam::{account}:user/{actor.name}",
            "accountId": account,
            "accessKeyId": "AKIA" + base36(mixed(chance), 12).upper() + "W2TN",
            "userName": actor.name,
        }
    return session_identity(
        account,
        (actor.role, actor.name, actor.source),
        "ASIA" + base36(mixed(chance ^ number(0, moment)), 12).upper() + "R5VD",
        moment,
    )


def session_identity(
    account: str, who: tuple[str, str, str | None], key: str, moment: str
) -> dict[str, Any]:
    """A session of a role as ``userIdentity``. ``who`` is role, session and source identity."""
    role, session, source = who
    unique = role_id(account, role)
    folder = f"aws-reserved/sso.amazonaws.com/{role}" if role.startswith("AWSReserved") else role
    context: dict[str, Any] = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": unique,
            "arn": f"arn:aws:iam::{account}:role/{folder}",
            "accountId": account,
            "userName": role,
        },
        "attributes": {"creationDate": moment, "mfaAuthenticated": "false"},
    }
    if source:
        context["sourceIdentity"] = source
    return {
        "type": "AssumedRole",
        "principalId": f"{unique}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": context,
    }
