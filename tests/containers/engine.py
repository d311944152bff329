"""The container engine: what the check needs of Docker or Podman, said in one way.

Containers are found by the labels that both ``docker compose`` and ``podman-compose`` give them, and looked at by
``inspect``. Nothing here knows what runs inside them.

Two things differ, and only here:

* ``podman-compose`` with a Podman older than 4.6 does not wait for ``depends_on`` conditions and cannot start what
  depends on a container that has ended, so with Podman the services are started in stages, each waited for.
* Podman runs health checks by systemd's timers, which not every machine has, so each is also run by hand.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

CALL_SECONDS = 120
BUILD_SECONDS = 3 * 3600
"""Three images compile from nothing."""

PASSED_ON = ("PATH", "HOME", "TMPDIR", "USER", "LANG", "FETCH_MODEL", "PIP_INDEX_URL", "NPM_CONFIG_REGISTRY")
PASSED_ON_BEGIN = ("DOCKER_", "PODMAN_", "CONTAINER", "BUILD", "COMPOSE_", "XDG_")
PASSED_ON_END = "_IMAGE"


class Failure(Exception):
    """Something is not as it must be. The message is for people."""


def await_that(what: str, seconds: float, holds: Callable[[], bool]) -> None:
    """Asks until it holds. :raises Failure: when it never did."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.5)


def harmless_environment() -> dict[str, str]:
    """What compose may see of the caller's environment.

    Variables of the shell win over those of the file, so somebody's ``AWS_ENDPOINT_URL`` must not get in. Mirrors and
    base images may.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name in PASSED_ON or name.startswith(PASSED_ON_BEGIN) or name.endswith(PASSED_ON_END)
    }


class Container:
    """One container, as it is now."""

    def __init__(self, engine: str, identity: str, service: str) -> None:
        self._engine = engine
        self.identity = identity
        self.service = service

    def inspect(self) -> dict[str, Any]:
        described: dict[str, Any]
        (described,) = json.loads(output([self._engine, "inspect", "--type", "container", self.identity]))
        return described

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs a command inside, as the container's own user."""
        return call([self._engine, "exec", self.identity, *command])

    def is_healthy(self) -> bool:
        if self._engine == "podman":
            return call(["podman", "healthcheck", "run", self.identity]).returncode == 0
        state = self.inspect()["State"]
        return bool(state["Status"] == "running" and state["Health"]["Status"] == "healthy")

    def exit_code(self) -> int | None:
        """``None`` while it has not ended."""
        state = self.inspect()["State"]
        return state["ExitCode"] if state["Status"] in ("exited", "stopped") else None

    def logs(self) -> str:
        done = call([self._engine, "logs", self.identity])
        return done.stdout + done.stderr

    def printed(self) -> str:
        """Its standard output alone."""
        return call([self._engine, "logs", self.identity]).stdout


class Project:
    """A compose project of its own name, so that nobody's running one is touched."""

    def __init__(
        self, engine: str, name: str, files: Sequence[Path], environment: Path, profile: str | None = None
    ) -> None:
        self.engine = engine
        self.name = name
        self._environment = environment
        self._compose = ["podman-compose"] if engine == "podman" else ["docker", "compose"]
        self._compose += ["-p", name, "--env-file", str(environment)]
        for file in files:
            self._compose += ["-f", str(file)]
        if profile:
            self._compose += ["--profile", profile]

    def secrets(self, names: Sequence[str]) -> Mapping[str, str]:
        """Values out of the environment's file."""
        lines = self._environment.read_text().splitlines()
        pairs = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        return {name: pairs[name] for name in names}

    def build(self) -> None:
        self._call("build", seconds=BUILD_SECONDS)

    def up(self, stages: Sequence[Sequence[str]], once: Sequence[str], seconds: float = 240) -> None:
        """Starts all and waits: ``once`` names the services that have to end with 0, all others have to be healthy."""
        if self.engine == "docker":
            self._call("up", "-d", "--no-build", seconds=seconds)
        for stage in stages:
            if self.engine == "podman":
                self._call("up", "-d", "--no-build", "--no-deps", *stage, seconds=seconds)
            for service in stage:
                if service in once:
                    self._await_end(service, seconds)
                else:
                    self._await_health(service, seconds)

    def down(self, with_data: bool) -> None:
        self._call("down", *(["-v"] if with_data else []))

    def containers(self) -> Iterator[Container]:
        for identity in self._found():
            labels = Container(self.engine, identity, "").inspect()["Config"]["Labels"]
            yield Container(self.engine, identity, labels["com.docker.compose.service"])

    def container(self, service: str) -> Container:
        found = self._found("--filter", f"label=com.docker.compose.service={service}")
        if len(found) != 1:
            raise Failure(f"{service}: {len(found)} containers instead of one")
        return Container(self.engine, found[0], service)

    def _found(self, *filters: str) -> list[str]:
        label = f"label=com.docker.compose.project={self.name}"
        return output([self.engine, "ps", "-aq", "--filter", label, *filters]).split()

    def _await_health(self, service: str, seconds: float) -> None:
        try:
            await_that(f"{service} is healthy", seconds, lambda: self.container(service).is_healthy())
        except Failure as failure:
            raise Failure(f"{failure}; its last lines: {self.container(service).logs().strip()[-500:]}") from failure

    def _await_end(self, service: str, seconds: float) -> None:
        container = self.container(service)
        await_that(f"{service} ends", seconds, lambda: container.exit_code() is not None)
        if container.exit_code() != 0:
            raise Failure(f"{service} failed: {container.logs().strip()[-500:]}")

    def _call(self, *arguments: str, seconds: float = CALL_SECONDS) -> None:
        done = call([*self._compose, *arguments], seconds=seconds)
        if done.returncode != 0:
            raise Failure(f"`{' '.join(arguments)}` failed: {(done.stdout + done.stderr).strip()[-2000:]}")


def image_says(engine: str, image: str) -> str:
    """All that an image tells about itself and its layers."""
    history = output([engine, "history", "--no-trunc", "--format", "{{.CreatedBy}}", image])
    return history + output([engine, "image", "inspect", image])


def call(command: Sequence[str], seconds: float = CALL_SECONDS) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, env=harmless_environment(), check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"`{' '.join(command[:4])} …` took more than {seconds:.0f} s") from error
    except FileNotFoundError as error:
        raise Failure(f"{command[0]} is not installed") from error


def output(command: Sequence[str]) -> str:
    done = call(command)
    if done.returncode != 0:
        raise Failure(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
    return done.stdout
