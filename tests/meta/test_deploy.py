"""`deploy/` says the same as the product: commands, settings, queues, ports, limits.

Images cannot be built here; this is what is known of them.
"""

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from flask import Flask
from flask.cli import ScriptInfo

from core.main import parts as product_parts
from core.main import web_server
from core.main.app import create_app
from core.main.checkup.services import LEAST_POSTGRESQL
from core.main.commands import egress, work
from core.net.public_address import is_public
from core.plugin.settings import declared
from core.runtime.counters import KEYS
from core.runtime.disk import Room
from core.runtime.extensions import koppelwerk
from core.runtime.jobs import QUEUES
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.operations import metrics
from core.services.operations.exposition import Numbers
from tests.meta.project import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
NGINX = (DEPLOY / "nginx.conf").read_text("utf-8")
UNITS = {
    path.stem: path.read_text("utf-8")
    for path in (DEPLOY / "systemd").glob("*.service")
}
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
ENVIRONMENT = (DEPLOY / "example.env").read_text("utf-8")
NOT_OURS = {"FLASK_APP", "PATH", "PYTHONUNBUFFERED", "POSTGRES_PASSWORD"}
"""Variables of Python, Flask and PostgreSQL's image."""
OUR_PORT = "8000"
CLOSED = {"internal": True}


def _instruction(name: str) -> list[str]:
    text = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"(?m)^{name} (.*)$", text)


def _ours() -> dict[str, Any]:
    return {
        name: service
        for name, service in SERVICES.items()
        if service.get("image") == "koppelwerk"
    }


def _commands() -> dict[str, list[str]]:
    """Return every `flask` command line there is, by where it stands."""
    (cmd,) = _instruction("CMD")
    found = {"Dockerfile": yaml.safe_load(cmd)}
    for name, service in _ours().items():
        found[f"compose {name}"] = service["command"]
    for name, unit in UNITS.items():
        (line,) = re.findall(r"(?m)^ExecStart=(.*)$", unit)
        found[name] = ["flask", *shlex.split(line)[1:]]
    for file in ("compose.yaml", "alerts.yaml", "example.env"):
        text = (DEPLOY / file).read_text("utf-8")
        for number, said in enumerate(re.findall(r"`(flask [a-z -]+)`", text)):
            found[f"{file} {number}"] = said.split()
    return found


def _options(name: str) -> list[str]:
    return [str(word) for word in SERVICES[name]["command"]]


@pytest.mark.parametrize("place", _commands())
def test_commands_are_ours_with_options_they_have(app: Flask, place: str) -> None:
    program, *words = _commands()[place]
    assert program == "flask"
    group: click.Command | None = app.cli
    info = ScriptInfo(create_app=lambda: app)
    context = click.Context(app.cli, obj=info)
    while isinstance(group, click.Group):
        name = words.pop(0)
        group = group.get_command(context, name)
        assert group is not None, f"{place}: {name}"
        context = (
            group.make_context(name, list(words), parent=context)
            if not (isinstance(group, click.Group))
            else click.Context(group, parent=context, obj=info)
        )


def test_every_queue_and_the_clock_are_served_everywhere(app: Flask) -> None:
    wanted = {part.name for part in product_parts.forked_workers(app)}
    assert wanted == {*(f"worker-{queue}" for queue in QUEUES), "clock"}
    for commands in (
        [service["command"] for service in _ours().values()],
        [line for place, line in _commands().items() if place in UNITS],
    ):
        served: set[str] = set()
        for _flask, name, *rest in commands:
            if name == "workers":
                served |= wanted
            elif name == "worker":
                served.add(f"worker-{rest[0]}")
            elif name == "clock":
                served.add("clock")
        assert served == wanted
        assert any(words[1] == "serve" for words in commands)


def test_settings_that_are_named_are_there(app: Flask) -> None:
    kinds = [Settings, *map(type, koppelwerk().registry.settings.values())]
    known = {each.name for kind in kinds for each in declared(kind)} | NOT_OURS
    named = set(re.findall(r"(?m)^([A-Z_]+)=", ENVIRONMENT))
    named |= {
        word.split("=")[0] for each in _instruction("ENV") for word in each.split()
    }
    for service in _ours().values():
        named |= set(service["environment"])
        assert service["env_file"] == ".env"
    for unit in UNITS.values():
        for line in re.findall(r"(?m)^Environment=(.*)$", unit):
            named |= {word.split("=")[0] for word in line.split()}
    assert len(named) > 15
    assert named <= known


def test_the_schema_is_upgraded_before_anything_runs() -> None:
    assert SERVICES["migrate"]["command"] == ["flask", "db", "upgrade", "heads"]
    for name in ("web", "workers"):
        needs = SERVICES[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"


def test_ports_are_the_same_all_along(app: Flask) -> None:
    assert str(product_parts.web_port(Settings(public_url="https://x"))) == OUR_PORT
    (exposed,) = _instruction("EXPOSE")
    assert exposed == OUR_PORT
    for words in (_options("web"), _commands()["Dockerfile"]):
        assert words[words.index("--port") + 1] == OUR_PORT
        assert words[words.index("--host") + 1] == "0.0.0.0"
    assert f"server web:{OUR_PORT};" in NGINX
    probe = " ".join(SERVICES["web"]["healthcheck"]["test"])
    (port, path) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", probe)[0]
    assert port == OUR_PORT
    answer = app.test_client().get(path, headers={"Host": f"127.0.0.1:{port}"})
    assert (answer.status_code, answer.text) == (200, "ok")


def _seconds(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(s|m)?", text).groups()  # type: ignore[union-attr]
    return int(number) * (60 if unit == "m" else 1)


def test_processes_get_the_time_to_finish_that_they_take() -> None:
    web, workers = web_server.FINISH_SECONDS + 5, work.FINISH_SECONDS
    assert _seconds(SERVICES["web"]["stop_grace_period"]) > web
    assert _seconds(SERVICES["workers"]["stop_grace_period"]) > workers
    for name, least in (("koppelwerk-web", web), ("koppelwerk-workers", workers)):
        (stop,) = re.findall(r"(?m)^TimeoutStopSec=(\d+)$", UNITS[name])
        assert int(stop) > least
        assert "KillMode=mixed" in UNITS[name]
        assert "Restart=always" in UNITS[name]


def test_redis_is_run_as_the_embedded_one_is() -> None:
    part = product_parts.redis_part(Settings(var_dir="var/nowhere"))
    assert part is not None
    own, theirs = part.command, _options("redis")  # type: ignore[attr-defined]
    for option in ("--appendonly", "--maxmemory-policy"):
        assert theirs[theirs.index(option) + 1] == own[own.index(option) + 1]
    assert SERVICES["proxy"]["image"].startswith("nginx:")


def test_versions_fit() -> None:
    server = int(re.findall(r"postgres:(\d+)", SERVICES["database"]["image"])[0])
    client = int(re.findall(r"postgresql-client-(\d+)", DOCKERFILE)[0])
    assert LEAST_POSTGRESQL <= server <= client
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    least = re.findall(r'requires-python = ">=3\.(\d+)"', project)[0]
    used = {image.split("-")[0] for image in _instruction("FROM")}
    assert used == {f"python:3.{least}"}


def test_what_is_copied_is_there_and_is_all_of_the_product() -> None:
    copied = {
        word
        for line in _instruction("COPY")
        if not line.startswith("--from")
        for word in line.split()[:-1]
    }
    assert all((ROOT / name).exists() for name in copied)
    assert copied == {"requirements.lock", "core", "plugins", "templates", "wsgi.py"}
    let_in = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert {word[1:] for word in let_in if word.startswith("!")} == copied
    build = SERVICES["web"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
    (user,) = _instruction("USER")
    assert user != "root"


def test_files_that_services_mount_are_there() -> None:
    mounted = [word.split(":")[0] for word in SERVICES["proxy"]["volumes"]]
    assert (DEPLOY / mounted[0]).is_file()
    named = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
        if not volume.startswith(".")
    }
    assert named == set(COMPOSE["volumes"])


def _directive(name: str) -> list[str]:
    return re.findall(rf"(?m)^\s*{name}\s+(.*?);$", NGINX)


def test_the_proxy_takes_bodies_in_whole_and_says_who_asked(app: Flask) -> None:
    assert _directive("proxy_request_buffering") == ["on"]
    (largest,) = _directive("client_max_body_size")
    assert (
        int(largest.removesuffix("m")) * 10**6 == 2 * app.config["MAX_CONTENT_LENGTH"]
    )
    set_ = dict(line.split(maxsplit=1) for line in _directive("proxy_set_header"))
    assert set_["Host"] == "$host"
    assert set_["X-Forwarded-For"] == "$remote_addr"
    assert set_["X-Forwarded-Proto"] == "$scheme"
    proxies = [name for name in SERVICES if SERVICES[name].get("ports")]
    assert proxies == ["proxy"]
    for service in _ours().values():
        assert service["environment"]["TRUSTED_PROXIES"] == str(len(proxies))
    for name in ("client_header_timeout", "client_body_timeout"):
        (value,) = _directive(name)
        assert _seconds(value) <= Settings.request_seconds
    assert _directive("proxy_next_upstream") == ["off"]


def _families(app: Flask) -> dict[str, set[str]]:
    """Return every metric by the name of its samples, with its labels."""
    wakes = metrics.Wakes(
        True, dict.fromkeys(QUEUES, 0), (), dict.fromkeys(QUEUES, 0), {"full": 1}
    )
    with system_scope():
        rows, backlog = metrics.rows(), metrics.backlog()
    rows = metrics.Rows(
        **{
            **vars(rows),
            "dispatched": 1.0,
            "licences": {"x": 1},
            "transfers": {("x", "x"): 1},
            "connections": {("x", "x"): 1},
            "refused": {"x": 1},
            "mails": {"x": 1},
        }
    )
    room = Room(Path("/"), 1, 1)
    backlog = replace(backlog, failed={"x": 1}, clocks={"x": 1})
    found = Numbers(rows, backlog, wakes, [room], dict.fromkeys(KEYS, 0.0))
    return {
        sample.name: set(sample.labels)
        for family in found.collect()
        for sample in family.samples
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alerts_ask_for_what_metrics_tell(app: Flask, rule: dict[str, Any]) -> None:
    families = _families(app)
    used = set(re.findall(r"koppelwerk_\w+", rule["expr"]))
    assert used <= set(families)
    assert used or rule["expr"].startswith("up{")
    labels = {name for each in used for name in families[each]} | {"job"}
    asked = set(re.findall(r"(\w+)=\"", rule["expr"]))
    for group in re.findall(r"by \(([^)]*)\)", rule["expr"]):
        asked |= {word.strip() for word in group.split(",")}
    said = " ".join(rule["annotations"].values())
    asked |= set(re.findall(r"\$labels\.(\w+)", said))
    assert asked <= labels
    assert rule["annotations"]["action"]
    assert rule["labels"]["severity"] in ("page", "ticket")


def test_the_page_tells_of_every_metric(app: Flask) -> None:
    page = (ROOT / "docs" / "deploying.md").read_text("utf-8")
    told = set(re.findall(r"`(koppelwerk_\w+)", page))
    made = {re.sub(r"_(bucket|count|sum)$", "", name) for name in _families(app)}
    assert told == made


def _environment(name: str) -> dict[str, str]:
    own: dict[str, str] = SERVICES[name]["environment"]
    given = dict(re.findall(r"(?m)^([A-Z_]+)=(.+)$", ENVIRONMENT))
    return {**given, "POSTGRES_PASSWORD": "x", **own}


def test_only_who_calls_outside_can_get_there(tmp_path: Path) -> None:
    """`flask egress` lists whom the settings name; the rest has no way out."""
    app = create_app(
        Settings.from_environ({**_environment("workers"), "VAR_DIR": str(tmp_path)})
    )
    with app.app_context():
        every = egress.destinations()
        kinds = [Settings, *map(type, koppelwerk().registry.settings.values())]
    named = {name for each in every for name in each.settings}
    addresses = {
        one.name
        for kind in kinds
        for one in declared(kind)
        if one.default.startswith("http")
    }
    assert named == addresses - {"PUBLIC_URL"} | {
        "DATABASE_URL", "REDIS_URL", "SMTP_URL"
    }  # fmt: skip
    beside = {each.host: each.port for each in every if each.host in SERVICES}
    assert beside == {"database": 5432, "redis": 6379}
    assert {(each.host, each.port) for each in every} >= {
        ("mail.example", 587), ("ec.europa.eu", 443)
    }  # fmt: skip
    closed = {name for name, of in COMPOSE["networks"].items() if of == CLOSED}
    assert closed == {"inside"}
    for name, service in SERVICES.items():
        is_on = set(service["networks"])
        calls = "outside" in is_on
        assert calls == (name in ("web", "workers"))
        assert ("inside" in is_on) == (name in beside or name in _ours())
        assert ("front" in is_on) == (name in ("web", "proxy"))


def test_units_keep_what_no_one_calls_away() -> None:
    """Webhooks are judged by the same: an address must be of the open internet."""
    for unit in UNITS.values():
        (denied,) = re.findall(r"(?m)^IPAddressDeny=(.*)$", unit)
        assert denied.split() == ["link-local", "multicast"]
        (families,) = re.findall(r"(?m)^RestrictAddressFamilies=(.*)$", unit)
        assert families.split() == ["AF_INET", "AF_INET6", "AF_UNIX"]
    assert not is_public("169.254.169.254")
    assert not is_public("224.0.0.1")
