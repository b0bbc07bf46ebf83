"""A Ray cluster: what it is made of, this machine's part of it begun and ended, and a connection to it."""

from __future__ import annotations

import importlib
import json
import logging
import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from v2v_studio.errors import MissingError, StudioError, UsageError
from v2v_studio.executors.process import born, environment, gone

STORE = 80_000_000  # bytes of Ray's object store: jobs and results are names, frames go by the shared folder
BEGUN = "Ray runtime started"
LOOK_EVERY, PATIENCE = 0.2, 90.0  # seconds: between two looks at a part that begins or ends, and for it to
REACH = 3.0  # seconds for a farm to answer
ADDRESS = "RAY_ADDRESS"  # Ray's own variable
NAMED = "v2v-host:"  # before a host's name among its resources: it may call itself otherwise
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing leaves the farm
    "RAY_worker_niceness": "0",  # workers are as urgent as who began the farm, as those of the local pool are
}
OURS = {  # of whoever sends work
    "RAY_ENABLE_AUTO_CONNECT": "0",  # Ray would begin a cluster of its own where ours is gone
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # a worker's death is told by us, and stdout is for data
    "RAY_NUM_REDIS_GET_RETRIES": "5",  # seconds until a farm that does not take us is given up
}


class Host(BaseModel):
    """What a host of the farm gives; all that it has where nothing is said."""

    model_config = ConfigDict(extra="forbid")

    cores: int | None = Field(default=None, ge=0, description="0 for a desk that only sends work.")
    gpus: int | None = Field(default=None, ge=0)


class Farm(BaseModel):
    """A cluster file: the hosts, by the names that they call themselves, and the one that the others join."""

    model_config = ConfigDict(extra="forbid")

    head: str
    port: int = Field(default=6379, ge=1024, le=65535)
    hosts: dict[str, Host]

    @property
    def address(self) -> str:
        return f"{self.head}:{self.port}"


def read_farm(file: Path) -> Farm:
    """The farm that a cluster file describes. UsageError for one that is none."""
    try:
        farm = Farm.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise UsageError(f"{file} is no cluster file: '{where}' is wrong ({first['msg']}); see docs/farm.md") from None
    if farm.head not in farm.hosts:
        raise UsageError(f"{file}: the head '{farm.head}' is not among its hosts: {', '.join(farm.hosts)}")
    return farm


@dataclass(frozen=True)
class Part:
    """What runs of a farm on this machine.

    Attributes:
        host: its name.
        address: of the head, "host:port".
        pid, born: of the process that all others of the part belong to.
        folder: sockets and logs.
        token: file with the secret that whoever connects must know.
        file: the cluster file, where it is of one.
    """

    host: str
    address: str
    pid: int
    born: str
    folder: str
    token: str
    file: str | None = None


def _record() -> Path:
    """One a host, for homes may be shared."""
    return Path.home() / ".cache" / "v2v_studio" / "farm" / f"{platform.node()}.json"


def part() -> Part | None:
    """This machine's part of a farm; None where none is up."""
    try:
        own = Part(**json.loads(_record().read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return None if gone(own.pid, own.born) else own


def up(file: Path | None = None, cores: int | None = None, host: str | None = None) -> Part:
    """Begin this machine's part of a farm; it goes on when this process ends.

    Args:
        file: the cluster file; without one, the farm is this machine alone.
        cores: that it gives, in place of all, or of those in the file.
        host: which host of the file this is, where the machine calls itself otherwise.

    Raises:
        UsageError: a part is up already, or the file does not name this machine.
        MissingError: Ray is not installed.
        StudioError: it does not start.
    """
    if own := part():
        raise UsageError(f"this machine is part of a farm already ({own.address}); end that with: v2v farm down")
    farm, name = read_farm(file) if file else None, host or platform.node()
    if farm and name not in farm.hosts:
        raise UsageError(f"{file} names no host '{name}', only: {', '.join(farm.hosts)}; say which with --host")
    gives = farm.hosts[name] if farm else Host()
    ray_here()
    folder = Path(tempfile.mkdtemp(prefix="v2v-farm-"))
    token = secret(file.with_suffix(".token") if file else _record().with_name("token"))
    told = ["--block", "--object-store-memory", str(STORE), "--include-log-monitor", "false"]
    told += ["--temp-dir", str(folder), "--resources", json.dumps({NAMED + name: 1})]
    if farm and name != farm.head:
        told += ["--address", farm.address]
    else:
        told += ["--head", "--port", str(farm.port if farm else 0), "--include-dashboard", "false"]
        told += ["--ray-client-server-port", str(free_port())]
    for option, number in (("--num-cpus", gives.cores if cores is None else cores), ("--num-gpus", gives.gpus)):
        told += [] if number is None else [option, str(number)]
    process = _begin(told, folder / "farm.log", token)
    address = farm.address if farm else (folder / "ray_current_cluster").read_text().strip()
    said = str(file.resolve()) if file else None
    own = Part(name, address, process.pid, born(process.pid), str(folder), str(token), said)
    _record().parent.mkdir(parents=True, exist_ok=True)
    _record().write_text(json.dumps(asdict(own)))
    return own


def _begin(told: list[str], log: Path, token: Path) -> subprocess.Popen[bytes]:
    """`ray start`, once it says that it runs. StudioError with its own last words where it ends instead."""
    with open(log, "wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "ray.scripts.scripts", "start", *told],
            env={**environment(), **SETTINGS, **known_by(token)},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    for _ in range(round(PATIENCE / LOOK_EVERY)):
        if BEGUN in log.read_text(errors="replace"):
            return process
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_EVERY)
            break
    _end(process.pid, born(process.pid))
    last = next((line for line in reversed(log.read_text(errors="replace").splitlines()) if line.strip()), "no word")
    raise StudioError(f"the farm does not start ({last.strip()}); all that Ray said is in {log}")


def down() -> Part | None:
    """End this machine's part of a farm, with all that works there, and no other one's. None where none is up."""
    if (own := part()) is None:
        return None
    _end(own.pid, own.born)
    shutil.rmtree(own.folder, ignore_errors=True)
    _record().unlink(missing_ok=True)
    return own


def _end(pid: int, since: str) -> None:
    """A part is a session of its own: what does not end when it is asked to is killed with the rest of it."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    for _ in range(round(PATIENCE / LOOK_EVERY)):
        if gone(pid, since):
            break
        threading.Event().wait(LOOK_EVERY)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def hosts() -> list[dict[str, Any]]:
    """A row a host of the farm that is up: its name, and what it gives."""
    with connected() as ray:
        nodes = [node for node in ray.nodes() if node["Alive"]]
    return [
        {
            "host": next(
                (name[len(NAMED) :] for name in node["Resources"] if name.startswith(NAMED)), node["NodeName"]
            ),
            "state": "up",
            "cores": int(node["Resources"].get("CPU", 0)),
            "gpus": int(node["Resources"].get("GPU", 0)),
            "gigabytes": round(node["Resources"].get("memory", 0) / 1e9, 1),
        }
        for node in nodes
    ]


@contextmanager
def connected() -> Iterator[Any]:
    """The module `ray`, connected to a farm: that at $RAY_ADDRESS ("host:port"), or the one that this machine is part of.

    Raises:
        UsageError: no farm is named and none is up, or none answers there.
        MissingError: Ray is not installed.
    """
    own = part()
    where = os.environ.get(ADDRESS) or (own.address if own else None)
    if where is None:
        raise UsageError("no farm is up here; begin one with: v2v farm up, or name one with --address HOST:PORT")
    _reach(where)
    ray = ray_here()
    if ray.is_initialized():
        yield ray
        return
    ended_by = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=where, log_to_driver=False, logging_level=logging.ERROR)
    except (ray.exceptions.RayError, ConnectionError, RuntimeError, ValueError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise UsageError(f"the farm at {where} does not take us ({said}); is this machine a host of it?") from None
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, ended_by)  # Ray puts its own there
    try:
        yield ray
    finally:
        ray.shutdown()


def _reach(address: str) -> None:
    """UsageError where nothing listens: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), REACH).close()
    except (OSError, ValueError):
        raise UsageError(f"no farm answers at {address}; begin one with: v2v farm up") from None


def ray_here() -> Any:
    """The module `ray`, which reads its settings when it is imported. MissingError where it is not installed."""
    own = part()
    for name, value in {**SETTINGS, **OURS, **(known_by(Path(own.token)) if own else {})}.items():
        os.environ.setdefault(name, value)
    try:
        return importlib.import_module("ray")
    except ImportError:
        raise MissingError("a farm needs Ray, which is not here; get it with: pip install 'v2v-studio[farm]'") from None


def known_by(token: Path) -> Mapping[str, str]:
    """Settings by which only those who can read the token are let in: to reach a farm is to run code on it."""
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token.resolve())}


def secret(file: Path) -> Path:
    """The file with the farm's secret, made where it is not there; its owner alone may read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
        made.write(secrets.token_hex(32))
    return file


def free_port() -> int:
    """One below those that the system gives to whoever asks for any, so that nobody is given it before it is used."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port
