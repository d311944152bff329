"""The command: ``python -m sandbox``. Reads its options, builds the world and serves it."""

import argparse
import logging
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import waitress

from .clock import Clock
from .estate.past import ANCHOR
from .gate import Gate
from .journal import JournalError
from .world import World

MAX_DESKTOPS = 20_000

THREADS = 32
"""More than the clients that a test runs at once, because a slow answer holds one."""


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    logging.basicConfig(level=logging.WARNING, format="sandbox %(levelname)s %(message)s")
    # A full queue of waiting requests is normal under load and not worth a line each.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        world = World(
            options.seed,
            options.desktops,
            options.state,
            Clock(options.now),
            options.transition_seconds,
            options.trail_seconds,
        )
        server = waitress.create_server(
            Gate(world),
            host=options.host,
            port=options.port,
            threads=THREADS,
            connection_limit=1000,
            channel_timeout=300,
            ident="skydesk-sandbox",
            clear_untrusted_proxy_headers=True,
        )
    except (JournalError, OSError) as error:
        sys.exit(f"sandbox: {error}")
    signal.signal(signal.SIGTERM, _stop)
    print(
        f"sandbox: {options.desktops} desktops (seed {options.seed}) at "
        f"http://{options.host}:{server.effective_port}",
        flush=True,
    )
    server.run()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox", description="An AWS to practise on.")
    port = os.environ.get("SKYDESK_AWS_PORT", "4566")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (%(default)s)")
    parser.add_argument("--port", type=int, default=port, help="SKYDESK_AWS_PORT, %(default)s")
    parser.add_argument("--desktops", type=_desktops, default=2400, help="reachable (%(default)s)")
    parser.add_argument("--seed", type=int, default=42, help="which estate (%(default)s)")
    parser.add_argument(
        "--state", type=Path, default=Path(".local/sandbox"), help="journal's folder (%(default)s)"
    )
    parser.add_argument("--now", type=_moment, help="start the estate's clock at this UTC moment")
    parser.add_argument(
        "--transition-seconds",
        type=float,
        default=20.0,
        help="how long starting, stopping and the like take (%(default)s)",
    )
    parser.add_argument(
        "--trail-seconds",
        type=float,
        default=5.0,
        help="how long a call takes to be in CloudTrail's history (%(default)s)",
    )
    return parser.parse_args(arguments)


def _desktops(text: str) -> int:
    count = int(text)
    if not 10 <= count <= MAX_DESKTOPS:
        raise argparse.ArgumentTypeError(f"must be between 10 and {MAX_DESKTOPS}")
    return count


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must look like 2026-11-22T03:00:00Z") from None
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if seconds < ANCHOR:
        raise argparse.ArgumentTypeError("must not be before 2026-11-15, where the past ends")
    return seconds


def _stop(*_: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    main()
