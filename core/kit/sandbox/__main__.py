"""`python -m core.kit.sandbox PACKAGE`: a sandbox alone, without the product."""

from pathlib import Path

import click

from core.kit.sandbox import run


@click.command()
@click.argument("package")
@click.option("--port", type=int, required=True, help="Loopback port.")
@click.option("--database", type=click.Path(path_type=Path), required=True)
def main(package: str, port: int, database: Path) -> None:
    """Run the sandbox PACKAGE, such as plugins.acme.sandbox, until interrupted."""
    run(package, database, port)


if __name__ == "__main__":
    main()
