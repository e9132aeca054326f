"""Files for deploying: they can be read, what they call exists, and none promises that it was run."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import click
import pytest
import yaml
from sqlalchemy import create_engine, text

from grader.cli import program

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
MANY_MACHINES = ROOT / "docs" / "how-to" / "many-machines.md"
FILES = sorted(DEPLOY.rglob("*.yaml"))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
GIVEN = {name for name, _ in re.findall(r"^([A-Z_]+)=(.*)$", (DEPLOY / "env.example").read_text(), re.MULTILINE)}


def documents():
    return [
        pytest.param(document, id=f"{file.name}-{document['metadata']['name']}-{document['kind']}")
        for file in FILES
        if file.parent.name == "kubernetes"
        for document in yaml.safe_load_all(file.read_text())
    ]


def commands():
    """Every call of the program, as its words."""
    for name, service in COMPOSE["services"].items():
        if service["image"] == "grader":
            words = [*service.get("entrypoint", ["grader"]), *service.get("command", [])]
            yield pytest.param(words[1:], id=f"compose-{name}")
    for file in FILES:
        for document in yaml.safe_load_all(file.read_text()):
            if document.get("kind") == "Deployment":
                (worker,) = document["spec"]["template"]["spec"]["containers"]
                words = worker["args"] if "command" not in worker else shlex.split(worker["args"][0])[2:]
                yield pytest.param(words, id=document["metadata"]["name"])
    comments = re.findall(
        r"compose\.yaml (?:--\S+ \S+ )?run --rm (\S+) ([^#\n]+?)(?:  |$)", source("compose.yaml"), re.MULTILINE
    )
    for name, words in comments:
        entry = COMPOSE["services"][name]["entrypoint"]
        yield pytest.param([*entry[1:], *words.split()], id=f"comment-{name}-{words.split()[0]}")
    for words in re.findall(r"^.*\bgrader (worker .*)$", (DEPLOY / "slurm.md").read_text(), re.MULTILINE):
        yield pytest.param(shlex.split(words.split("`")[0]), id="slurm")


def source(name):
    return (DEPLOY / name).read_text()


def mounts(name):
    """What a service of compose's sees: by its place there, what the example calls it, or the path on the machine."""
    volumes = (re.sub(r"\$\{([A-Z_]+)[^}]*\}", r"\1", volume) for volume in COMPOSE["services"][name]["volumes"])
    return {place: what for what, place, *_ in (volume.split(":") for volume in volumes)}


def test_the_commands_are_found():
    assert len(list(commands())) >= 10


@pytest.mark.parametrize("words", list(commands()))
def test_what_is_called_exists_with_its_options(words):
    context, command = click.Context(program), program
    words = list(words)
    while isinstance(command, click.Group) and words:
        command = command.get_command(context, words.pop(0))
        assert command is not None
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= options | {"--help"}


@pytest.mark.parametrize("document", documents())
def test_a_manifest_says_what_it_is(document):
    assert {"apiVersion", "kind", "metadata"} <= document.keys()


@pytest.mark.parametrize("document", [one for one in documents() if one.values[0]["kind"] == "Deployment"])
def test_a_deployment_selects_its_own_pods_has_limits_and_mounts_what_it_has(document):
    spec = document["spec"]
    pod = spec["template"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"].items() <= labels.items()
    volumes = {volume["name"] for volume in pod["volumes"]}
    for container in (*pod["initContainers"], *pod["containers"]):
        assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes
    (worker,) = pod["containers"]
    assert worker["resources"]["limits"]
    assert worker["securityContext"]["runAsNonRoot"]
    assert pod["terminationGracePeriodSeconds"] >= 30
    if labels["queue"] == "gpu":
        assert worker["resources"]["limits"]["nvidia.com/gpu"] == 1


def test_disruption_and_scaling_are_of_deployments_that_there_are():
    found = [one.values[0] for one in documents()]
    deployments = {one["metadata"]["name"] for one in found if one["kind"] == "Deployment"}
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in found if one["kind"] == "Deployment"]
    budgets = [one for one in found if one["kind"] == "PodDisruptionBudget"]
    assert sorted((one["spec"]["selector"]["matchLabels"] for one in budgets), key=str) == sorted(labels, key=str)
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in found if one["kind"] == "ScaledObject"}
    assert scaled <= deployments


def test_compose_asks_for_nothing_that_the_example_does_not_name():
    asked = set(re.findall(r"\$\{([A-Z_]+)", source("compose.yaml")))
    assert asked <= GIVEN
    assert not GIVEN - asked


def test_no_password_stands_in_a_file():
    for secret in ("GRADER_DB_PASSWORD", "GRADER_REDIS_PASSWORD"):
        assert f"{secret}=\n" in source("env.example")
    (secret,) = yaml.safe_load_all(source("kubernetes/secret.yaml"))
    assert all("CHANGE-ME" in value for value in secret["stringData"].values())


def test_compose_publishes_nothing_and_lets_services_end():
    for name, service in COMPOSE["services"].items():
        assert "ports" not in service, name
        if service.get("restart"):
            assert service["stop_grace_period"].endswith("s"), name
    assert {name for name, service in COMPOSE["services"].items() if "healthcheck" in service} == {"database", "redis"}


@pytest.mark.parametrize("name", ["batch", "watch", "tools"])
def test_pages_of_each_lab_go_where_each_command_puts_them_by_itself(name):
    words = (*COMPOSE["services"][name].get("entrypoint", ()), *COMPOSE["services"][name].get("command", ()))
    assert "--out" not in words
    assert mounts(name)["/course/out"] == "GRADER_PAGES"
    assert "out" in re.findall(r"mkdir -p \S+/(\w+)$", source("env.example"), re.MULTILINE)


def test_an_archive_of_a_class_is_not_seen_by_what_watches_for_single_students():
    assert mounts("batch")["/handed-in"] == "GRADER_HANDED_IN"
    (watched,) = (place for place in mounts("watch") if place in COMPOSE["services"]["watch"]["command"])
    assert mounts("watch")[watched] == "GRADER_ARRIVING"
    assert "GRADER_HANDED_IN" not in mounts("watch").values()


def test_the_account_of_the_image_is_told_how_it_may_read_what_others_may_not():
    (account,) = re.findall(r"useradd --uid (\d+)", source("Dockerfile"))
    assert COMPOSE["x-grader"]["tmpfs"][1].endswith(f"uid={account},mode=700")
    entries = f"setfacl -R -m u:{account}:rX,d:u:{account}:rX "
    for page in (source("env.example"), MANY_MACHINES.read_text()):
        assert entries in page
        assert f"chown {account} " in page


def test_the_database_is_ready_once_it_can_be_reached_as_others_reach_it():
    """Not by its socket, which also answers while the database is being made."""
    assert "--host=localhost" in COMPOSE["services"]["database"]["healthcheck"]["test"]


def test_an_engine_in_a_pod_is_started_as_its_image_starts_it():
    """By its own entrypoint, which prepares control groups; what begins with an option would be open to the network."""
    deployments = [one.values[0] for one in documents() if one.values[0]["kind"] == "Deployment"]
    beside = [one for deployment in deployments for one in deployment["spec"]["template"]["spec"]["initContainers"]]
    (engine,) = [one for one in beside if one["image"].endswith("-dind")]
    assert "command" not in engine
    assert engine["args"][0] == "dockerd"
    assert all(word.startswith("--host=unix:") for word in engine["args"] if word.startswith("--host"))


def test_only_what_needs_the_engine_has_its_socket():
    with_socket = {
        name
        for name, service in COMPOSE["services"].items()
        if any("docker.sock" in str(volume) for volume in service.get("volumes", []))
    }
    assert with_socket == {"worker", "sandbox"}


def questions():
    """What the documents and KEDA ask the database, as SQL."""
    page = MANY_MACHINES.read_text()
    yield from (line.strip() for line in page.splitlines() if line.startswith("      select "))
    for document in documents():
        for trigger in document.values[0]["spec"].get("triggers", []) if "spec" in document.values[0] else []:
            yield trigger["metadata"]["query"]


def test_what_the_database_is_asked_it_understands(postgresql):
    asked = list(questions())
    assert len(asked) == 3
    engine = create_engine(postgresql.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        for question in asked:
            assert connection.execute(text(question)).all() in ([], [(0,)])
    engine.dispose()


def test_what_a_job_reads_from_a_file_its_worker_has_too():
    """A file of addresses exports nothing by itself, and an address has signs that mean something to a shell."""
    assert re.search(r"^set -a .*\n(?:source|\.) ", source("slurm.md"), re.MULTILINE)
    page = MANY_MACHINES.read_text()
    for line in re.findall(r"^    (GRADER_(?:DB|BROKER)=.*)$", page, re.MULTILINE):
        assert len(shlex.split(line)) == 1
        assert "'" in line


def test_an_authority_is_named_where_the_driver_finds_it():
    """It brings an OpenSSL of its own, which does not look where the machine keeps them: `system` finds none there."""
    page = MANY_MACHINES.read_text()
    named = re.findall(r"sslrootcert=(/[\w./-]+|\w+)", "".join([page, *(file.read_text() for file in FILES)]))
    assert {file for file in named if file != "system"} == {
        "/etc/ssl/our-ca.pem",
        "/etc/ssl/certs/ca-certificates.crt",
    }
    (secret,) = yaml.safe_load_all(source("kubernetes/secret.yaml"))
    assert "sslmode=verify-full&sslrootcert=/" in secret["stringData"]["GRADER_DB"]


SHOWN = [MANY_MACHINES, ROOT / "docs" / "how-to" / "gpus.md", *DEPLOY.rglob("*.md")]


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_shown_as_shell_is_shell(page):
    for script in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL):
        lines = [line for line in script.splitlines() if not line.startswith("*/")]  # cron's
        read = subprocess.run(["bash", "-n"], input="\n".join(lines), capture_output=True, text=True, check=False)
        assert not read.returncode, f"{script}\n{read.stderr}"


def test_a_page_that_is_read_on_a_server_fits_its_terminal():
    page = MANY_MACHINES.read_text()
    assert [line for line in page.splitlines() if len(line) > 120] == []


def test_a_service_runs_the_program_where_the_first_step_puts_it():
    page = MANY_MACHINES.read_text()
    (program_,) = re.findall(r"^    ExecStart=(\S+) worker", page, re.MULTILINE)
    folder = program_.removesuffix("/bin/grader")
    assert f"sudo python3 -m venv {folder}\n" in page
    assert f"sudo {folder}/bin/pip install --constraint versions.txt" in page
    (account,) = re.findall(r"^    User=(\S+)", page, re.MULTILINE)
    assert re.search(rf"^sudo useradd .* {account}$", page, re.MULTILINE)
    (addresses,) = re.findall(r"^    EnvironmentFile=(\S+)", page, re.MULTILINE)
    assert f"sudo install -m 600 ~/grader.env {addresses}`" in page


@pytest.mark.parametrize("file", [*FILES, DEPLOY / "Dockerfile", DEPLOY / "slurm.md"], ids=lambda file: file.name)
def test_what_was_not_run_says_so(file):
    assert re.search(r"[Nn]ot (?:run|built|been run)|none of this was run|not run here", file.read_text())


def test_the_image_is_made_of_what_the_wheel_is_made_of():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, wheel = settings["project"], settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    named = {project["readme"], *project["license-files"], "pyproject.toml"}
    made_of = {*wheel["only-include"], *(path.partition("/")[0] for path in wheel["force-include"]), *named}
    assert {line[1:] for line in source("Dockerfile.dockerignore").splitlines() if line.startswith("!")} == made_of
    for copied in re.findall(r"^COPY (?!--)(\S+) ", source("Dockerfile"), re.MULTILINE):
        assert copied == "." or copied in made_of
