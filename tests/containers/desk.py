"""Skydesk as its users meet it: through nginx, by HTTP."""

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from engine import Failure, await_that

ANSWER_SECONDS = 30
JOB_SECONDS = 180


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Desk:
    """A user's side of one installation."""

    address: str
    authority: str | None = None
    """A file with the authority that signed the site's certificate."""
    _token: str | None = field(default=None, repr=False)

    def ask(self, method: str, path: str, body: Any = None, accept: str = "*/*") -> Answer:
        """One request; whatever the status is, it is an answer."""
        request = urllib.request.Request(f"{self.address}{path}", method=method, headers={"Accept": accept})
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        trust = ssl.create_default_context(cafile=self.authority) if self.authority else None
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS, context=trust) as answer:
                return Answer(answer.status, _lower(answer.headers), answer.read())
        except urllib.error.HTTPError as answer:
            return Answer(answer.code, _lower(answer.headers), answer.read())
        except OSError as error:
            raise Failure(f"{method} {path}: {error}") from error

    def get(self, path: str) -> Any:
        return self._good("GET", path).json()

    def post(self, path: str, body: Any = None) -> Any:
        return self._good("POST", path, body).json()

    def page(self) -> Answer:
        """The application's page, as a browser asks for it."""
        return self._good("GET", "/", accept="text/html")

    def file(self, path: str) -> bytes:
        return self._good("GET", path).body

    def sign_in(self, password: str) -> bool:
        """As the administrator. Answers whether the password has to be changed before anything else."""
        self._token = None
        session = self.post("/api/auth/login", {"username": "admin", "password": password})
        self._token = session["access_token"]
        return bool(session["must_change_password"])

    def change_password(self, current: str, new: str) -> None:
        self._good("PUT", "/api/auth/password", {"current": current, "new": new})

    def await_jobs(self, jobs: list[int]) -> None:
        """Until all have come to an end, whichever."""
        for job in jobs:
            await_that(f"job {job} ends", JOB_SECONDS, partial(self._has_ended, job))

    def report(self, wanted: dict[str, Any]) -> bytes:
        """Has a report made, and fetches it by its signed link, without a token."""
        path = f"/api/reports/{self.post('/api/reports/generate', wanted)['id']}"
        await_that("the report is done", JOB_SECONDS, lambda: self.get(path)["state"] == "done")
        return Desk(self.address, self.authority).file(self.get(path)["download"]["url"])

    def _has_ended(self, job: int) -> bool:
        return self.get(f"/api/jobs/{job}")["state"] in ("done", "dead", "cancelled")

    def _good(self, method: str, path: str, body: Any = None, accept: str = "*/*") -> Answer:
        answer = self.ask(method, path, body, accept)
        if not 200 <= answer.status < 300:
            raise Failure(f"{method} {path} answered {answer.status}: {answer.body[:300]!r}")
        return answer


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
