"""The command `sunnyday`. Modules here import typer and little else at the top: --help has to be quick."""
