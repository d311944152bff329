"""What desktops are made of and live in: bundles, directories and their subnets.

Fixed tables and the ids drawn for them; no desktops here.
"""

from dataclasses import dataclass, field
from typing import Any

from .chance import base36, generator, hexadecimal, number, weighted

NEW_COMPUTE = "GENERALPURPOSE_16XLARGE"
"""A compute type newer than any SDK: clients must take the enumeration as open."""

_SIZES = {
    "VALUE": (80, 10),
    "STANDARD": (80, 50),
    "PERFORMANCE": (80, 100),
    "POWER": (175, 100),
    "POWERPRO": (175, 100),
    "GENERALPURPOSE_4XLARGE": (175, 100),
    "GRAPHICS_G4DN": (100, 100),
    "GRAPHICS_G6_XLARGE": (100, 100),
    NEW_COMPUTE: (175, 100),
}

TITLES = {
    "VALUE": "Value",
    "STANDARD": "Standard",
    "PERFORMANCE": "Performance",
    "POWER": "Power",
    "POWERPRO": "PowerPro",
    "GENERALPURPOSE_4XLARGE": "GeneralPurpose.4xlarge",
    "GRAPHICS_G4DN": "Graphics.g4dn",
    "GRAPHICS_G6_XLARGE": "Graphics.g6.xlarge",
    NEW_COMPUTE: "GeneralPurpose.16xlarge",
}

_SYSTEMS = (
    ("WINDOWS_SERVER_2022", "Windows 10 (Server 2022 based)", TITLES),
    ("WINDOWS_SERVER_2025", "Windows 11 (Server 2025 based)", TITLES),
    ("UBUNTU_22_04", "Ubuntu 22.04", ("VALUE", "STANDARD", "PERFORMANCE", "POWER", "POWERPRO")),
    ("AMAZON_LINUX_2", "Amazon Linux 2", ("VALUE", "STANDARD", "PERFORMANCE", "POWER")),
    ("ROCKY_8", "Rocky Linux 8", ("STANDARD", "PERFORMANCE", "POWER")),
    ("RHEL_8", "Red Hat Enterprise Linux 8", ("STANDARD", "PERFORMANCE", "POWER")),
)

_CREATED = 1_655_000_000
"""Mid 2022: when the oldest bundle was made."""


@dataclass(slots=True, frozen=True)
class Bundle:
    """A hardware and software offer. ``owner`` is AMAZON or the account."""

    id: str
    name: str
    owner: str
    description: str
    image_id: str
    compute: str
    system: str
    root_gib: int
    user_gib: int
    created: int

    def described(self) -> dict[str, Any]:
        return {
            "BundleId": self.id,
            "Name": self.name,
            "Owner": self.owner,
            "Description": self.description,
            "BundleType": "REGULAR",
            "ImageId": self.image_id,
            "RootStorage": {"Capacity": str(self.root_gib)},
            "UserStorage": {"Capacity": str(self.user_gib)},
            "ComputeType": {"Name": self.compute},
            "CreationTime": self.created,
            "LastUpdatedTime": self.created + 7_776_000,
            "State": "AVAILABLE",
        }


@dataclass(slots=True)
class Directory:
    """A registered directory. ``network`` is the second and third octet where its subnets begin."""

    id: str
    name: str
    alias: str
    kind: str
    account: str
    region: str
    subnets: tuple[str, str]
    network: tuple[int, int]
    prefix: str
    maintenance: bool
    tags: dict[str, str] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        second, third = self.network
        code = "WS" + self.region.replace("eu-west-1", "dub").replace("us-east-1", "iad")
        allow = {
            f"DeviceType{device}": "ALLOW"
            for device in ("Windows", "Osx", "Ios", "Android", "ChromeOs", "Linux")
        }
        return {
            "DirectoryId": self.id,
            "Alias": self.alias,
            "DirectoryName": self.name,
            "RegistrationCode": f"{code}+{self.id[2:8].upper()}",
            "SubnetIds": list(self.subnets),
            "DnsIpAddresses": [f"10.{second}.{third}.10", f"10.{second}.{third + 16}.10"],
            "CustomerUserName": "Administrator",
            "IamRoleId": f"arn:aws:iam::{self.account}:role/workspaces_DefaultRole",
            "DirectoryType": self.kind,
            "WorkspaceSecurityGroupId": f"sg-{hexadecimal(int(self.id[2:], 16), 17)}",
            "State": "REGISTERED",
            "WorkspaceCreationProperties": {
                "EnableInternetAccess": False,
                "DefaultOu": "OU=WorkSpaces," + ",".join(f"DC={x}" for x in self.name.split(".")),
                "UserEnabledAsLocalAdministrator": self.kind == "SIMPLE_AD",
                "EnableMaintenanceMode": self.maintenance,
            },
            "ipGroupIds": [],
            "WorkspaceAccessProperties": {
                **allow,
                "DeviceTypeWeb": "DENY",
                "DeviceTypeZeroClient": "DENY",
            },
            "Tenancy": "SHARED",
            "SelfservicePermissions": {
                "RestartWorkspace": "ENABLED",
                "IncreaseVolumeSize": "DISABLED",
                "ChangeComputeType": "DISABLED",
                "SwitchRunningMode": "DISABLED",
                "RebuildWorkspace": "DISABLED",
            },
            "SamlProperties": {"Status": "DISABLED"},
            "EndpointEncryptionMode": "STANDARD_TLS",
            "UserIdentityType": "CUSTOMER_MANAGED",
            "WorkspaceType": "PERSONAL",
        }


DIRECTORIES = {
    ("111111111111", "eu-west-1"): (
        ("corp.halden.example", "halden-corp", "AD_CONNECTOR", "HLD", 58),
        ("sales.halden.example", "halden-sales", "AD_CONNECTOR", "SLS", 27),
        ("service.halden.example", "halden-service-desk", "SIMPLE_AD", "SVC", 15),
    ),
    ("111111111111", "us-east-1"): (
        ("na.halden.example", "halden-na", "AD_CONNECTOR", "HNA", 74),
        ("partners.halden.example", "halden-partners", "SIMPLE_AD", "PRT", 26),
    ),
    ("222222222222", "eu-west-1"): (
        ("dev.halden.example", "halden-dev", "AD_CONNECTOR", "DEV", 68),
        ("contractors.halden.example", "halden-contractors", "SIMPLE_AD", "CTR", 32),
    ),
    ("222222222222", "us-east-1"): (
        ("dev-na.halden.example", "halden-dev-na", "AD_CONNECTOR", "DNA", 60),
        ("lab.halden.example", "halden-lab", "SIMPLE_AD", "LAB", 40),
    ),
}
"""Per account and region: (name, alias, type, computer name prefix, weight)."""

OWN_BUNDLES = {
    "111111111111": (
        ("Halden Office 2026", "STANDARD", "WINDOWS_SERVER_2022", 80, 50),
        ("Halden Finance (hardened)", "PERFORMANCE", "WINDOWS_SERVER_2022", 80, 100),
        ("Halden Contact Centre", "VALUE", "WINDOWS_SERVER_2025", 80, 10),
        ("Halden CAD", "GRAPHICS_G4DN", "WINDOWS_SERVER_2022", 100, 200),
    ),
    "222222222222": (
        ("Developer Ubuntu + toolchain", "POWER", "UBUNTU_22_04", 175, 100),
        ("Developer Windows + Visual Studio", "POWERPRO", "WINDOWS_11", 175, 100),
        ("Build & test – large", NEW_COMPUTE, "UBUNTU_22_04", 175, 500),
    ),
}
"""Per account: (name, compute type, operating system, root GiB, user GiB)."""

COMPUTE_WEIGHTS = (
    ("STANDARD", 37.0),
    ("PERFORMANCE", 27.0),
    ("POWER", 14.0),
    ("VALUE", 9.0),
    ("POWERPRO", 7.0),
    ("GENERALPURPOSE_4XLARGE", 2.0),
    ("GRAPHICS_G4DN", 2.5),
    ("GRAPHICS_G6_XLARGE", 1.0),
    (NEW_COMPUTE, 0.5),
)

SYSTEM_WEIGHTS = (
    ("WINDOWS_SERVER_2022", 66.0),
    ("WINDOWS_SERVER_2025", 16.0),
    ("UBUNTU_22_04", 9.0),
    ("AMAZON_LINUX_2", 4.0),
    ("ROCKY_8", 3.0),
    ("RHEL_8", 2.0),
)


def public_bundles(seed: int, region: str) -> list[Bundle]:
    """What Amazon offers in a region."""
    bundles = []
    for system, label, computes in _SYSTEMS:
        for compute in computes:
            root, user = _SIZES[compute]
            name = f"{TITLES[compute]} with {label}"
            about = (
                f"{TITLES[compute]} hardware, {label}, {root} GiB root and {user} GiB user volume"
            )
            made = _bundle(seed, region, "AMAZON", (name, compute, system, root, user), about)
            bundles.append(made)
    return bundles


def own_bundles(seed: int, account: str, region: str) -> list[Bundle]:
    """What the account made of its own images in a region."""
    return [
        _bundle(seed, region, account, row, "Company image, see the service catalogue")
        for row in OWN_BUNDLES.get(account, ())
    ]


def choose_public(rng: Any, bundles: dict[tuple[str, str], Bundle]) -> Bundle:
    """A public bundle as people order them; not every system has every hardware."""
    system, compute = weighted(rng, SYSTEM_WEIGHTS), weighted(rng, COMPUTE_WEIGHTS)
    fallback = bundles["WINDOWS_SERVER_2022", compute]
    return bundles.get((system, compute), fallback)


def directories(seed: int, account: str, region: str, network: int) -> list[tuple[Directory, int]]:
    """The directories of an account and region with their share of the desktops."""
    made = []
    for index, (name, alias, kind, prefix, weight) in enumerate(DIRECTORIES[account, region]):
        rng = generator(seed, "directory", account, region, name)
        directory = Directory(
            id=f"d-{hexadecimal(rng.getrandbits(64), 10)}",
            name=name,
            alias=alias,
            kind=kind,
            account=account,
            region=region,
            subnets=(_subnet(rng), _subnet(rng)),
            network=(network, index * 64),
            prefix=prefix,
            maintenance=kind == "AD_CONNECTOR",
            tags={
                "Name": alias,
                "Environment": "production" if account[0] == "1" else "development",
            },
        )
        made.append((directory, weight))
    return made


def _bundle(seed: int, region: str, owner: str, row: tuple, description: str) -> Bundle:
    name, compute, system, root, user = row
    chance = number(seed, "bundle", owner, region, name)
    return Bundle(
        id=f"wsb-{base36(chance)}",
        name=name,
        owner=owner,
        description=description,
        image_id=f"wsi-{base36(chance >> 8)}",
        compute=compute,
        system=system,
        root_gib=root,
        user_gib=user,
        created=_CREATED + chance % 90_000_000,
    )


def _subnet(rng: Any) -> str:
    return f"subnet-0{hexadecimal(rng.getrandbits(64), 16)}"
