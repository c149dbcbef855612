"""An installation for tests: what the Dockerfile and docker-compose.yml say, as processes of this machine.

Commands, environment, health checks and the files in the image are read from those two files, so that a test fails
when they drift; packages that are not in requirements.txt cannot be imported. Only what a container would give is
adapted: folders, host and port, and the addresses of the servers (config.embedded in place of the images of
PostgreSQL and Redis).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks.image import without_developers_packages
from config.embedded import Embedded

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = YAML(typ="safe").load(ROOT / "docker-compose.yml")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
OURS = ("web", "worker", "beat")
STOP_SECONDS = 30


def instructions(name: str) -> list[str]:
    """What the last stage of the Dockerfile says after NAME, in order."""
    stage = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[-1]
    return [" ".join(text.split()) for text in re.findall(rf"^{name} (.+)$", stage, re.MULTILINE)]


class Installation:
    """One installation in a folder. `settings` is what an operator's .env holds.

    The secrets are made as .env.example says. `start` and `stop` do one service each; `close` stops everything.
    """

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.image = folder / "image"
        self.port = _free_port()
        self.servers = Embedded(folder / "servers", durable=True)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.paths = {
            "/data": str(folder / "data"),
            "/keyring-1": str(folder / "keyring-1"),
            "/keyring-2": str(folder / "keyring-2"),
            "/run/secrets": str(folder / "secrets"),
        }
        for path in self.paths.values():
            Path(path).mkdir(mode=0o700)
        self._make_secrets(folder / "secrets")
        self.settings = {**settings, "SECRETS_DIR": self.paths["/run/secrets"]}

    def build(self) -> None:
        """Gather the image: the files that are copied, then what is run on them; migrate meanwhile, to save time."""
        for words in (text.split() for text in instructions("COPY")):
            if words[0].startswith("--"):
                continue  # the packages: ours are those of this interpreter
            *sources, target = words
            for source in sources:
                self._copy(ROOT / source, self.image / (source if target.endswith("/") else target))
        steps = [text for text in instructions("RUN") if not text.startswith("useradd")]
        environment = {**self._image_environment(), "HOME": str(self.folder)}
        made = [subprocess.Popen(["sh", "-ec", text], cwd=self.image, env=environment) for text in steps]
        try:
            self.servers.start()
            self.run(*self.command("migrate"))
            self.run(*self.command("reference"))
        finally:
            ended = [step.wait(60) for step in made]
        assert ended == [0] * len(steps)

    def environment(self) -> dict[str, str]:
        """What a process of ours finds: the image's, then the composition's."""
        given = {name: self._filled_in(str(value)) for name, value in COMPOSE["x-app"]["environment"].items()}
        given = {name: self._moved(value) for name, value in given.items()}
        servers = {"DATABASE_URL": self.servers.database_url, "REDIS_URL": self.servers.redis_url}
        assert servers.keys() <= given.keys()
        return {**self._image_environment(), **given, **servers, "HOSTNAME": socket.gethostname()}

    def command(self, service: str) -> list[str]:
        """The service's command as declared, its host and port adapted."""
        command = COMPOSE["services"][service].get("command") or json.loads(instructions("CMD")[-1])
        if "--host" not in command:
            return list(command)
        adapted = {command.index("--host") + 1: "127.0.0.1", command.index("--port") + 1: str(self.port)}
        return [adapted.get(place, word) for place, word in enumerate(command)]

    def run(self, *command: str, **environment: str) -> str:
        """Run a command in the image to its end; what it printed. It must succeed."""
        done = subprocess.run(
            command, cwd=self.image, env={**self.environment(), **environment},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def start(self, service: str) -> None:
        """Start a service; its output goes to a file of its own."""
        with open(self.log(service), "ab") as output:
            self.processes[service] = subprocess.Popen(
                self.command(service), cwd=self.image, env=self.environment(), stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, no lock
            )  # fmt: skip

    def log(self, service: str) -> Path:
        return self.folder / f"{service}.log"

    def is_healthy(self, service: str) -> bool:
        """What the service's own health check says."""
        kind, *words = COMPOSE["services"][service]["healthcheck"]["test"]
        words = [word.replace("$$", "$").replace("127.0.0.1:8000", f"127.0.0.1:{self.port}") for word in words]
        command = ["sh", "-c", words[0]] if kind == "CMD-SHELL" else words
        checked = subprocess.run(
            command, cwd=self.image, env=self.environment(), capture_output=True, check=False, timeout=30
        )
        return checked.returncode == 0

    def kill(self, service: str) -> None:
        """As when memory runs out: SIGKILL for the service and all its children."""
        process = self.processes.pop(service)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)

    def stop(self, service: str) -> int:
        """As `docker compose stop`: SIGTERM, and time to finish. The exit status."""
        process = self.processes.pop(service)
        process.terminate()
        try:
            return process.wait(STOP_SECONDS)
        finally:
            # Whatever it left behind.
            _kill_group(process.pid)

    def close(self) -> None:
        """Stop everything, whatever state it is in."""
        for process in self.processes.values():
            _kill_group(process.pid)
            process.wait(STOP_SECONDS)
        self.servers.stop()

    def _image_environment(self) -> dict[str, str]:
        pairs = [pair.partition("=") for text in instructions("ENV") for pair in text.split()]
        found = {name: self._moved(value) for name, _equals, value in pairs}
        assert found["PATH"] == "/venv/bin:$PATH"
        found["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {**found, **without_developers_packages(self.folder / "packages")}

    def _filled_in(self, value: str) -> str:
        """Variables as Compose fills them in: `${NAME:-default}`, `${NAME:?why it is needed}`."""

        def fill(found: re.Match[str]) -> str:
            name, kind, rest = found.groups()
            if name in self.settings:
                return self.settings[name]
            assert kind == "-", f"{name}: {rest}"
            return str(rest)

        return re.sub(r"\$\{(\w+):([-?])([^}]*)\}", fill, value)

    def _moved(self, value: str) -> str:
        """Folders of the container as they are called here."""
        for inside, here in self.paths.items():
            value = re.sub(rf"(^|:){inside}(?=$|[:/])", rf"\1{here}", value)
        return value

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        # As .dockerignore has it: nothing that was compiled here.
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "*.mo"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)

    @staticmethod
    def _make_secrets(folder: Path) -> None:
        (folder / "secret-key").write_text(secrets.token_hex(40))
        (folder / "master-key").write_text(b64encode(secrets.token_bytes(32)).decode())
        (folder / "database-password").write_text(secrets.token_hex(24))


def until(seconds: float, ask: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and give it; fails with the last one when the time is up."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"still {answer!r} after {seconds} seconds"
        time.sleep(0.05)
    return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _die_with_parent() -> None:
    """A killed test run leaves nothing running (Linux: PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
