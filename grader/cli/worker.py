"""`grader worker`."""

from pathlib import Path
from typing import Final, Literal

import click

from grader.cli import options
from grader.labs import Course
from grader.model import Need

ELSEWHERE: Final = "What it was at goes to other workers."
EXAMPLES = """\b
Examples:
  grader worker --db postgresql://grader@host/grades --broker redis://host:6379/0
  GRADER_BROKER=rediss://:PASSWORD@host:6379/0 grader worker --queues cpu --jobs 2
  grader worker --queues gpu --gpus all
"""


def _needs(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[Need, ...]:
    try:
        return tuple(dict.fromkeys(Need(name.strip()) for name in value.split(",")))
    except ValueError:
        raise click.BadParameter(f"“{value}” is no queue. Write {', '.join(Need)}, or both with a comma.") from None


@click.command(epilog=EXAMPLES)
@click.option("--queues", default="cpu", show_default=True, callback=_needs, help="What to serve: cpu, gpu or cpu,gpu.")
@options.grading_options("docker")
@options.gpu_options
@options.broker_option
@options.course_option
@options.data_options
@options.db_option
def worker(  # noqa: PLR0913, PLR0917 - one parameter per option
    queues: tuple[Need, ...],
    launcher: Literal["docker", "local"],
    isolation: Literal["warm", "container"],
    jobs: int,
    gpus: str,
    gpu_share: int,
    broker: str | None,
    course: Course,
    dataset: str,
    data: Path | None,
    db: str | None,
) -> None:
    """Grade what `grader batch --queue` asks for, on any number of machines.

    Each machine has the course; submissions and results go through the database, a PostgreSQL server's, and the broker
    only says that there is something to do: redis://, amqp:// (RabbitMQ), or where it is encrypted rediss://, amqps://.

    SIGTERM and Ctrl-C end it within a minute: what it was at goes to other workers. A second Ctrl-C, or kill -9, ends
    it at once; then others have that after a minute. Exit status: 0 by SIGTERM, 130 by Ctrl-C, 2 where something is not
    set up or this machine cannot go on.
    """
    from grader.cli import screen, service  # noqa: PLC0415 - kept out of --help
    from grader.errors import BrokerUnreachable  # noqa: PLC0415 - likewise
    from grader.examine.gpus import Wanted  # noqa: PLC0415 - likewise
    from grader.pipeline import serving  # noqa: PLC0415 - likewise
    from grader.pipeline.means import Means  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise
    from grader.worker import program  # noqa: PLC0415 - likewise
    from grader.worker.broker import Broker  # noqa: PLC0415 - likewise

    url = options.named_broker(broker)
    options.check_reachable(db)
    carries = Broker(url)

    def served() -> int:
        means = Means(course, launcher, isolation, dataset, data, Wanted(gpus, gpu_share))
        slots = means.at_once(frozenset(queues), jobs)
        service.line(f"Connecting to the broker {carries.place}.")
        carries.check()
        with (
            Store.open(options.database(course, db)) as store,
            serving.at_work(means, store, frozenset(queues), slots, carries.send, service.line) as server,
        ):
            service.line(f"{server.called} serves {', '.join(queues)} with {slots} at once: {means.described()}.")
            try:
                program.serve(carries, server, queues, slots, service.line)
            except BrokerUnreachable as error:
                server.fault = error
        service.line(f"Ended. {server.fault or ELSEWHERE}")
        return 2 if server.fault else 0

    with service.stoppable(ELSEWHERE):
        status = screen.to_its_end(served)
    raise SystemExit(status)
