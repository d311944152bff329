"""Resource Groups Tagging API: the tags of many resources, a hundred a page.

Only desktops are known here, and only those with tags now, as in AWS; a request for other resource
types alone is left to moto by the gate.
"""

from ..estate.desktop import Desktop
from ..estate.site import after
from ..wire import Answer, AwsError
from ..world import Ask
from .service import Service

DESKTOP_TYPES = frozenset({"workspaces", "workspaces:workspace"})

_INVALID = "InvalidParameterException"


def asks_for_desktops(types: list[str]) -> bool:
    """Whether a ResourceTypeFilters list covers desktops; an empty one covers everything."""
    return not types or any(kind in DESKTOP_TYPES for kind in types)


def get_resources(ask: Ask) -> Answer:
    params = ask.params
    limit = params.get("ResourcesPerPage") or 100
    if not 1 <= limit <= 100:
        raise AwsError(_INVALID, "ResourcesPerPage must be between 1 and 100")
    if "TagsPerPage" in params:
        raise AwsError(_INVALID, "TagsPerPage is not supported here: use ResourcesPerPage")
    arns, filters = params.get("ResourceARNList"), params.get("TagFilters") or []
    if arns and (filters or params.get("ResourceTypeFilters")):
        raise AwsError(_INVALID, "ResourceARNList cannot be combined with filters")
    token = params.get("PaginationToken")
    question = ask.question(arns, filters)
    ordinal = ask.position(token, question, _INVALID)
    now, hidden, lock = ask.now, ask.strike.hidden, ask.world.estate.lock
    rows: list[bytes] = []
    last, more = -1, ""
    for desktop in after(ask.site.desktops, ordinal):
        if not desktop.tags or now >= desktop.gone_at or desktop.id in hidden:
            continue
        if (filters and not _matches(desktop, filters)) or (arns and desktop.arn not in arns):
            continue
        if len(rows) == limit:
            more = ask.next_token(token, question, last)
            break
        rows.append(desktop.mapping(lock))
        last = desktop.ordinal
    head = b'{"PaginationToken":"%s","ResourceTagMappingList":[' % more.encode()
    return Answer(head + b",".join(rows) + b"]}")


def _matches(desktop: Desktop, filters: list[dict]) -> bool:
    """Every filter's key is there, with one of its values where it names any."""
    for asked in filters:
        key = asked.get("Key")
        if key not in desktop.tags:
            return False
        values = asked.get("Values")
        if values and desktop.tags[key] not in values:
            return False
    return True


SERVICE = Service(
    name="tagging",
    model="resourcegroupstaggingapi",
    target="ResourceGroupsTaggingAPI_20170126",
    operations={"GetResources": get_resources},
    moto_has_the_rest=True,
)
