"""STS: who the caller is, and roles that check their trust policy and external id.

Long-lived keys are all the tooling account's. Each registered account has two roles; a role of the
third account, another role, a wrong external id and a chained session are refused the same way,
because AWS does not say which it was.
"""

import re
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from .. import keys
from ..accounts import BY_ID, MAX_SESSION_SECONDS, ROLES, TOOLING_ACCOUNT
from ..wire import Answer, AwsError, xml
from ..world import Ask
from .service import Service

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_ROLE_ARN = re.compile(r"arn:aws:iam::(\d{12}):role/[\w+=,.@/-]{1,512}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


def get_caller_identity(ask: Ask) -> Answer:
    caller = ask.caller
    return _answer(
        ask,
        "GetCallerIdentity",
        f"<Arn>{escape(caller.arn)}</Arn><UserId>{escape(caller.user_id)}</UserId>"
        f"<Account>{caller.account}</Account>",
    )


def assume_role(ask: Ask) -> Answer:
    form = ask.call.form
    role_arn, session = form.get("RoleArn", ""), form.get("RoleSessionName", "")
    seconds = _duration(form.get("DurationSeconds"))
    found = _ROLE_ARN.fullmatch(role_arn)
    if found is None:
        raise AwsError("ValidationError", f"{role_arn} is invalid")
    if not _SESSION_NAME.fullmatch(session):
        raise _invalid("roleSessionName", session, r"[\w+=,.@-]*")
    external_id = form.get("ExternalId")
    if external_id is not None and not _EXTERNAL_ID.fullmatch(external_id):
        raise _invalid("externalId", external_id, r"[\w+=,.@:\/-]*")
    source = form.get("SourceIdentity", "")
    if source and not _SESSION_NAME.fullmatch(source):
        raise _invalid("sourceIdentity", source, r"[\w+=,.@-]*")
    account, role = BY_ID.get(found[1]), role_arn.partition("/")[2]
    trusted = (
        account is not None
        and account.trusts_tooling
        and role in ROLES
        and external_id == account.external_id
        and ask.account == TOOLING_ACCOUNT
    )
    if not trusted:
        raise AwsError(
            "AccessDenied",
            f"User: {ask.caller.arn} is not authorized to perform: sts:AssumeRole "
            f"on resource: {role_arn}",
            403,
        )
    who = (role, session, source)
    return _answer(ask, "AssumeRole", _granted(found[1], who, seconds))


def _granted(account: str, who: tuple[str, str, str], seconds: int) -> str:
    role, session, source = who
    made = keys.issue(account, session, seconds, role, source)
    expires = datetime.fromtimestamp(made.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"<Credentials><AccessKeyId>{made.access_key}</AccessKeyId>"
        f"<SecretAccessKey>{made.secret_key}</SecretAccessKey>"
        f"<SessionToken>{made.session_token}</SessionToken>"
        f"<Expiration>{expires}</Expiration></Credentials>"
        f"<AssumedRoleUser><AssumedRoleId>{keys.role_id(account, role)}:{escape(session)}"
        f"</AssumedRoleId><Arn>{escape(keys.session_arn(account, role, session))}</Arn>"
        "</AssumedRoleUser>"
        + (f"<SourceIdentity>{escape(source)}</SourceIdentity>" if source else "")
        + "<PackedPolicySize>0</PackedPolicySize>"
    )


def _duration(text: str | None) -> int:
    if text is None:
        return 3600
    try:
        seconds = int(text)
    except ValueError:
        raise AwsError("MalformedInput", "DurationSeconds is not a number") from None
    if not 900 <= seconds <= 43_200:
        bound = "greater than or equal to 900" if seconds < 900 else "less than or equal to 43200"
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to "
            f"satisfy constraint: Member must have value {bound}",
        )
    if seconds > MAX_SESSION_SECONDS:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return seconds


def _invalid(name: str, value: str, pattern: str) -> AwsError:
    return AwsError(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must satisfy regular expression pattern: {pattern}",
    )


def _answer(ask: Ask, operation: str, result: str) -> Answer:
    return xml(
        f'<{operation}Response xmlns="{_NAMESPACE}"><{operation}Result>{result}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{ask.call.request_id}</RequestId></ResponseMetadata>"
        f"</{operation}Response>"
    )


SERVICE = Service(
    name="sts",
    model="sts",
    target="",
    operations={"GetCallerIdentity": get_caller_identity, "AssumeRole": assume_role},
    moto_has_the_rest=True,
)
