"""The accounts of the estate, their two roles, and what those roles may not do.

Invariant: these numbers, names and external ids are fixed; they are documented in the README and
scripts register them. Whatever is random in the estate is random elsewhere.
"""

from dataclasses import dataclass

TOOLING_ACCOUNT = "000000000000"
"""The account of every caller that did not get its key from AssumeRole."""

TOOLING_ARN = f"arn:aws:iam::{TOOLING_ACCOUNT}:user/skydesk-tooling"

ROLE_NAME = "SkydeskReader"
OPERATOR_ROLE = "SkydeskOperator"
ROLES = (ROLE_NAME, OPERATOR_ROLE)
"""The roles of each account. Either may do everything that is not denied: what a policy would leave
out is a fault's business."""

MAX_SESSION_SECONDS = 3600
"""MaxSessionDuration of every registered role (AWS's default)."""


@dataclass(frozen=True, slots=True)
class Account:
    """One AWS account of the company and the role that its trust policy offers, or refuses."""

    id: str
    name: str
    external_id: str
    regions: tuple[str, ...]
    trusts_tooling: bool

    @property
    def role_arn(self) -> str:
        return self.arn_of(ROLE_NAME)

    def arn_of(self, role: str) -> str:
        return f"arn:aws:iam::{self.id}:role/{role}"


_REGIONS = ("eu-west-1", "us-east-1")

ACCOUNTS = (
    Account("111111111111", "Production", "skydesk-production", _REGIONS, True),
    Account("222222222222", "Development", "skydesk-development", _REGIONS, True),
    Account("333333333333", "Acquisition", "skydesk-acquisition", _REGIONS, False),
)

BY_ID = {account.id: account for account in ACCOUNTS}

DENIED_ACTIONS = frozenset({("222222222222", "us-east-1", "tag:GetResources")})
"""(account, region, action) that the role's policy leaves out, always."""


def described() -> list[dict]:
    """What a client needs in order to register the accounts, with the product's field names."""
    return [
        {
            "name": account.name,
            "account_id": account.id,
            "role_arn": account.role_arn,
            "operator_role_arn": account.arn_of(OPERATOR_ROLE),
            "external_id": account.external_id,
            "regions": list(account.regions),
            "assumable": account.trusts_tooling,
        }
        for account in ACCOUNTS
    ]
