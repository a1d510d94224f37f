"""`python -m core.kit.mailcatcher`: the mail catcher, without the product around it."""

from pathlib import Path

import click

from core.kit.mailcatcher import PAGE_PORT, SMTP_PORT, run


@click.command()
@click.option("--port", type=int, default=SMTP_PORT, help="Loopback port for SMTP.")
@click.option("--page-port", type=int, default=PAGE_PORT, help="That of the page.")
@click.option("--folder", type=click.Path(path_type=Path), required=True)
def main(port: int, page_port: int, folder: Path) -> None:
    """Catch all mail on this machine and show it, until interrupted."""
    run(folder, port, page_port)


if __name__ == "__main__":
    main()
