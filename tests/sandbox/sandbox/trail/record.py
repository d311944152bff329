"""One event of CloudTrail's history, and how AWS writes it down.

An event is light until it is written: a history of ninety days is looked through for each page, and
few of its events are on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from ..estate.chance import number

WORKSPACES = "workspaces.amazonaws.com"


@dataclass(slots=True, frozen=True)
class Event:
    """``who`` gives userIdentity and ``details`` request and response when it is written."""

    at: int
    id: str
    name: str
    source: str
    read_only: bool
    username: str
    access_key: str
    ids: tuple[str, ...]
    who: Callable[[], dict[str, Any]]
    details: Callable[[], dict[str, Any]]
    agent: str
    address: str

    def has(self, key: str, value: str) -> bool:
        """Whether a lookup attribute of this key has the value."""
        if key == "ResourceName":
            return value in self.ids
        if key == "ResourceType":
            return bool(self.ids) and value == resource_type(self.ids[0])
        own = {
            "EventId": self.id,
            "EventName": self.name,
            "ReadOnly": _flag(self.read_only),
            "Username": self.username,
            "EventSource": self.source,
            "AccessKeyId": self.access_key,
        }
        return own[key] == value

    def written(self, account: str, region: str) -> dict[str, Any]:
        """The event as LookupEvents answers it."""
        resources = [{"ResourceType": resource_type(id_), "ResourceName": id_} for id_ in self.ids]
        return {
            "EventId": self.id,
            "EventName": self.name,
            "ReadOnly": _flag(self.read_only),
            "AccessKeyId": self.access_key,
            "EventTime": self.at,
            "EventSource": self.source,
            "Username": self.username,
            "Resources": resources,
            "CloudTrailEvent": orjson.dumps(self._record(account, region)).decode(),
        }

    def _record(self, account: str, region: str) -> dict[str, Any]:
        return {
            "eventVersion": "1.11",
            "userIdentity": self.who(),
            "eventTime": moment(self.at),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": region,
            "sourceIPAddress": self.address,
            "userAgent": self.agent,
            "requestParameters": None,
            "responseElements": None,
            **self.details(),
            "requestID": uuid("request", self.id),
            "eventID": self.id,
            "readOnly": self.read_only,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": account,
            "eventCategory": "Management",
        }


def resource_type(id_: str) -> str:
    if id_.startswith("d-"):
        return "AWS::DirectoryService::Directory"
    return "AWS::WorkSpaces::Workspace"


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def uuid(*parts: object) -> str:
    """A stable id in the form of a random UUID."""
    digits = f"{number(0, *parts):016x}{number(1, *parts):016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def camel(value: Any) -> Any:
    """A request or answer with its members as CloudTrail writes them."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: camel(item) for key, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def _flag(value: bool) -> str:
    return "true" if value else "false"
