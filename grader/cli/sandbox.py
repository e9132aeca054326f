"""`grader sandbox build` and `grader sandbox doctor`."""

import click


@click.group()
def sandbox() -> None:
    """Build or examine the sandbox that student code runs in."""


@sandbox.command(
    epilog="""\b
Examples:
  grader sandbox build
  grader sandbox build --base python:3.12-slim --index https://packages.example.edu/simple
"""
)
@click.option("--base", default="python:3.12-slim", show_default=True, help="Debian-based, with Python 3.11 or newer.")
@click.option("--index", metavar="URL", help="The package index that pip uses inside.  [default: pip's own]")
@click.option("--extra-index", metavar="URL", help="A further index, e.g. one with CPU-only builds of torch.")
@click.option(
    "--network", metavar="NAME", help="The network of the build, for example “host”.  [default: the engine's]"
)
def build(base: str, index: str | None, extra_index: str | None, network: str | None) -> None:
    """Build the sandbox image. Does nothing if it is there already."""
    from grader.examine import engine  # noqa: PLC0415 - kept out of --help

    image = engine.build_image(click.echo, base=base, index=index, extra_index=extra_index, network=network)
    click.echo(f"Sandbox image: {image}")


@sandbox.command(epilog="Example:  grader sandbox doctor")
def doctor() -> None:
    """Say what this machine's engine gives a sandbox, and what is missing."""
    from grader.examine import engine  # noqa: PLC0415 - kept out of --help

    findings = engine.diagnose()
    for name, fine, sentence in findings:
        click.secho(f"{'ok  ' if fine else 'BAD '} {name}: {sentence}", fg=None if fine else "red")
    raise SystemExit(0 if all(fine for _, fine, _ in findings) else 2)
