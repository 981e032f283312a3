"""The command line: parses, wires, prints."""


def main() -> None:
    """Run the command line."""
