"""Draws one desktop: its user, hardware, mode, state, habit and tags.

Invariant: a desktop depends on the seed, its account, region and ordinal, and on nothing that was
drawn before it, except that a taken user name gets a number; so the first n desktops of a larger
estate are those of a smaller one.
"""

from random import Random
from typing import Any

from .catalog import Bundle, Directory, choose_public
from .chance import base36, generator, hexadecimal, weighted
from .days import AMERICA, EUROPE, NO_SUMMER
from .desktop import Desktop
from .habit import Habit, Kind
from .past import give_departed_past, give_past
from .words import (
    DEPARTMENTS,
    FIRST_NAMES,
    LAST_NAMES,
    ODD_TAGS,
    ODD_USERS,
    OWNERS,
    PROJECTS,
)

_HOUR = 3_600

_INDIA = 19_800

_OFFSETS = {
    "eu-west-1": ((0, 40.0), (_HOUR, 42.0), (2 * _HOUR, 12.0), (_INDIA, 6.0)),
    "us-east-1": ((-5 * _HOUR, 58.0), (-6 * _HOUR, 20.0), (-8 * _HOUR, 18.0), (_INDIA, 4.0)),
}

"""Where people of a region live: seconds from UTC in winter, and weights."""

_SUMMER = {"eu-west-1": EUROPE, "us-east-1": AMERICA}

_HABITS = (
    (Kind.REGULAR, 56.0),
    (Kind.HEAVY, 6.0),
    (Kind.PART_TIME, 12.0),
    (Kind.OCCASIONAL, 6.0),
    (Kind.MONTH_END, 2.0),
    (Kind.LAPSED, 8.0),
    (Kind.SHIFTS, 4.0),
    (Kind.ALWAYS, 2.0),
    (Kind.NEVER, 4.0),
)

_MODES = (("AUTO_STOP", 78.0), ("ALWAYS_ON", 20.5), ("MANUAL", 1.5))

_TIMEOUTS = ((60, 72.0), (120, 15.0), (180, 6.0), (240, 4.0), (480, 2.0), (600, 1.0))

_FIXED_STATES = (
    ("ERROR", 40.0),
    ("UNHEALTHY", 35.0),
    ("IMPAIRED", 15.0),
    ("SUSPENDED", 20.0),
    ("MAINTENANCE", 12.0),
    ("ADMIN_MAINTENANCE", 10.0),
    ("PENDING", 15.0),
    ("REBUILDING", 5.0),
    ("UPDATING", 5.0),
    ("REBOOTING", 4.0),
    ("RESTORING", 2.0),
)

_FIXED_SHARE = 0.016

_ERRORS = (
    ("UserNotFound.Directory", "The user was not found in the directory"),
    ("JoinDomain.Timeout", "The WorkSpace could not join the domain within 20 minutes"),
    ("InsufficientCapacity.Subnet", "The subnet has no free addresses, see the VPC's settings"),
    ("KMSKey.Disabled", "The KMS key of the volumes is disabled or pending deletion"),
)

_NO_SYSTEM_SHARE = 0.04
"""Older desktops for which AWS does not tell an operating system."""


DEPARTED = 1_000_000
"""Ordinals from here on are those of desktops that were terminated before the present."""


class Draw:
    """Draws the desktops of one account and region, in order of their ordinals."""

    def __init__(
        self,
        seed: int,
        account: str,
        region: str,
        directories: list[tuple[Directory, int]],
        public: dict[tuple[str, str], Bundle],
        own: list[Bundle],
    ):
        self._seed, self._account, self._region = seed, account, region
        self._directories, self._public, self._own = directories, public, own
        self._taken: set[tuple[str, str]] = set()
        self._hosts: dict[str, int] = {}
        key_id = hexadecimal(generator(seed, "key", account, region).getrandbits(64), 32)
        parts = (key_id[:8], key_id[8:12], key_id[12:16], key_id[16:20], key_id[20:])
        self._key_arn = f"arn:aws:kms:{region}:{account}:key/{'-'.join(parts)}"

    def desktop(self, ordinal: int) -> Desktop:
        """The desktop with this ordinal."""
        rng = generator(self._seed, "desktop", self._account, self._region, ordinal)
        directory = weighted(rng, self._directories)
        bundle = self._bundle(rng)
        mode = weighted(rng, _MODES)
        windows = bundle.system.startswith("WINDOWS")
        encrypted = rng.random() < (0.7 if self._account[0] == "1" else 0.25)
        made = Desktop(
            ordinal=ordinal,
            **self.place(directory, ordinal),
            user=self._user(rng, directory),
            bundle_id=self._bundle_id(rng, bundle),
            mode=mode,
            timeout=weighted(rng, _TIMEOUTS) if mode == "AUTO_STOP" else None,
            compute=bundle.compute,
            system=None if rng.random() < _NO_SYSTEM_SHARE else bundle.system,
            protocols=["WSP"] if not windows or rng.random() < 0.7 else ["PCOIP"],
            root_gib=bundle.root_gib,
            user_gib=bundle.user_gib if rng.random() < 0.9 else bundle.user_gib + 100,
            key_arn=self._key_arn if encrypted else None,
            root_encrypted=encrypted,
            user_encrypted=encrypted,
            tags={},
            habit=self._habit(rng),
        )
        made.tags = self._tags(rng, made)
        self._trouble(rng, made)
        if ordinal < DEPARTED:
            give_past(made, self._seed, self._account)
        else:
            give_departed_past(made, self._seed, self._account)
        return made

    def place(self, directory: Directory, ordinal: int) -> dict[str, Any]:
        """Ids, address and computer name of a new desktop in a directory."""
        rng = generator(self._seed, "place", self._account, self._region, ordinal)
        host = self._hosts.get(directory.id, 0)
        self._hosts[directory.id] = host + 1
        side, index = host % 2, host // 2 + 20
        second, third = directory.network
        name = hexadecimal(rng.getrandbits(64), 8).upper()
        workspace = f"ws-{base36(rng.getrandbits(64))}"
        return {
            "id": workspace,
            "arn": f"arn:aws:workspaces:{self._region}:{self._account}:workspace/{workspace}",
            "region": self._region,
            "directory_id": directory.id,
            "subnet_id": directory.subnets[side],
            "ip": f"10.{second}.{(third + 32 * side + index // 254) % 256}.{index % 254 + 1}",
            "computer": f"{directory.prefix}-{name}",
        }

    def new_habit(self, ordinal: int) -> Habit:
        """The habit of a desktop that was created through the API."""
        return self._habit(generator(self._seed, "habit", self._account, self._region, ordinal))

    def _habit(self, rng: Random) -> Habit:
        kind = weighted(rng, _HABITS)
        key, offset = rng.getrandbits(63), weighted(rng, _OFFSETS[self._region])
        return Habit(kind, key, offset, NO_SUMMER if offset == _INDIA else _SUMMER[self._region])

    def _bundle(self, rng: Random) -> Bundle:
        if self._own and rng.random() < 0.35:
            return weighted(rng, [(b, 6.0 / (i + 1)) for i, b in enumerate(self._own)])
        return choose_public(rng, self._public)

    def _bundle_id(self, rng: Random, bundle: Bundle) -> str:
        # One desktop in two hundred was made from a bundle that has been deleted since.
        return f"wsb-{base36(rng.getrandbits(64))}" if rng.random() < 0.005 else bundle.id

    def _user(self, rng: Random, directory: Directory) -> str:
        if rng.random() < 0.002:
            name = rng.choice(ODD_USERS)
        else:
            name = f"{rng.choice(FIRST_NAMES)}.{rng.choice(LAST_NAMES)}"
        unique, number = name, 1
        while (directory.id, unique) in self._taken:
            number += 1
            unique = f"{name}{number}"
        self._taken.add((directory.id, unique))
        return unique

    def _tags(self, rng: Random, desktop: Desktop) -> dict[str, str]:
        if rng.random() < 0.05:
            return {}
        department, centre = weighted(rng, [((name, code), w) for name, code, w in DEPARTMENTS])
        production = self._account[0] == "1"
        environment = "production" if production else rng.choice(("development", "test"))
        tags = {}
        for key, value, share in (
            ("Department", department, 0.94),
            ("CostCenter", centre, 0.88),
            ("Environment", environment, 0.9),
            ("Owner", rng.choice(OWNERS), 0.82),
            ("Project", rng.choice(PROJECTS), 0.2),
            ("Name", desktop.computer or desktop.id, 0.3),
        ):
            if rng.random() < share:
                tags[key] = value
        if rng.random() < 0.02:
            key, value = rng.choice(ODD_TAGS)
            tags[key] = value
        return tags

    def _trouble(self, rng: Random, desktop: Desktop) -> None:
        if rng.random() >= _FIXED_SHARE:
            # A desktop made within the last hours has no row of connection status yet.
            desktop.reported = rng.random() >= 0.006
            return
        desktop.fixed = weighted(rng, _FIXED_STATES)
        if desktop.fixed == "UPDATING":
            desktop.modifying = ["COMPUTE_TYPE"]
        if desktop.fixed in ("ERROR", "PENDING"):
            desktop.habit.become(Kind.NEVER)
            desktop.reported = False
        if desktop.fixed == "ERROR":
            desktop.error = rng.choice(_ERRORS)
            desktop.ip = desktop.computer = None
