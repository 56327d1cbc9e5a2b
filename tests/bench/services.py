"""Some services of the product and no others, under its own supervisor: python services.py STATE_FILE receiver drainer …

Settings are in the environment, as always; where they listen is told in STATE_FILE."""

import sys
from pathlib import Path

from crm_store import logs, settings
from crm_store.process.service import installed
from crm_store.process.supervisor import Plan, supervise


def main() -> int:
    ours = settings.load()
    logs.configure(ours.log, "supervisor")
    chosen = [service for service in installed() if service.name in sys.argv[2:]]
    return supervise(Plan(ours, chosen, Path(sys.argv[1])))


if __name__ == "__main__":
    sys.exit(main())
