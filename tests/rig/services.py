"""The real servers: found where they answer, started where they are merely installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import redis
from sqlalchemy import URL
from sqlalchemy import NullPool
from sqlalchemy import create_engine
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from .artifacts import folder
from .ci import Missing

# PyMySQL reads the machine's certificates for each connection, which takes longer than the test.
ADDRESSES = {
    "postgresql": ("TEST_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"),
    "mariadb": (
        "TEST_MARIADB_URL",
        "mysql+pymysql://root@127.0.0.1:3306/?charset=utf8mb4&ssl_disabled=true",
    ),
    "redis": ("TEST_REDIS_URL", "redis://127.0.0.1:6379/15"),
}
PATIENCE = 30


@cache
def server_url(name: str) -> str:
    """Return the address of a server that answers.

    :raises Missing: none does, and none could be started.
    """
    variable, default = ADDRESSES[name]
    url = os.environ.get(variable, default)
    with _one_at_a_time():
        problem = _probe(name, url)
        if problem and variable not in os.environ and _start(name):
            deadline = time.monotonic() + PATIENCE
            while problem and time.monotonic() < deadline:
                time.sleep(0.2)
                problem = _probe(name, url)
    if problem:
        raise Missing(f"{name} does not answer at {url} (set {variable} to use another): {problem}")
    return url


def _probe(name: str, url: str) -> str | None:
    try:
        if name == "redis":
            redis.Redis.from_url(url, socket_connect_timeout=5).ping()
        else:
            _connect(make_url(url))
    except (redis.RedisError, SQLAlchemyError, OSError) as error:
        return str(error).splitlines()[0]
    return None


def _connect(url: URL) -> None:
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
    with engine.connect():
        pass


def _start(name: str) -> bool:
    """Start an installed server, as root alone; elsewhere it is the user's to start."""
    return os.geteuid() == 0 and STARTERS[name]()


def _start_postgresql() -> bool:
    if not shutil.which("pg_lsclusters"):
        return False
    listed = subprocess.run(["pg_lsclusters", "-h"], capture_output=True, text=True, check=True)
    started = False
    for line in listed.stdout.splitlines():
        version, cluster, *_ = line.split()
        command = ["pg_ctlcluster", "--skip-systemctl-redirect", version, cluster, "start"]
        started |= subprocess.run(command, check=False).returncode == 0
    return started


def _start_mariadb() -> bool:
    program = shutil.which("mariadbd") or shutil.which("mysqld")
    if program is None:
        return False
    Path("/run/mysqld").mkdir(exist_ok=True)
    shutil.chown("/run/mysqld", "mysql")
    _detach(program, "--user=mysql")
    return True


def _start_redis() -> bool:
    program = shutil.which("redis-server")
    if program is None:
        return False
    _detach(program, "--bind", "127.0.0.1", "--port", "6379", "--save", "", "--appendonly", "no")
    return True


STARTERS: dict[str, Callable[[], bool]] = {
    "postgresql": _start_postgresql,
    "mariadb": _start_mariadb,
    "redis": _start_redis,
}


def _detach(*command: str) -> None:
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (folder("locks") / "services").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
