"""make bench: what the product can do, as ratios against a peer measured in the same run.

One line for each figure, and all of them in tests/bench/results.json."""

import argparse
import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import accepting
import against_postfix
import filing
import large_mails
import latency
import lists
import reading
import replies
import sending
import signatures
import slow_disk
import syncing
import verdicts
from figures import Figure

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "bench"  # not in /tmp, which may be memory: flushes would cost nothing there
RESULTS = Path(__file__).with_name("results.json")
SECTIONS: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "accepting": accepting.measure,
    "postfix": against_postfix.measure,
    "slow-disk": slow_disk.measure,
    "large-mails": large_mails.measure,
    "latency": latency.measure,
    "filing": filing.measure,
    "lists": lists.measure,
    "reading": reading.measure,
    "dkim": signatures.measure,
    "verdicts": verdicts.measure,
    "replies": replies.measure,
    "syncing": syncing.measure,
    "sending": sending.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section", nargs="*", metavar="section", help=f"only these of {', '.join(SECTIONS)}")
    chosen = parser.parse_args().section or list(SECTIONS)
    machine = {"cores": os.cpu_count(), "python": sys.version.split()[0], "load_before": os.getloadavg()[0]}
    began_at = datetime.now(UTC)
    figures: list[Figure] = []
    for name in chosen:
        shutil.rmtree(DATA, ignore_errors=True)
        DATA.mkdir(parents=True)
        for figure in SECTIONS[name](DATA):
            figures.append(figure)
            print(figure, flush=True)
    shutil.rmtree(DATA)
    results = {
        "began_at": began_at.isoformat(timespec="seconds"),
        "took_s": round((datetime.now(UTC) - began_at).total_seconds()),
        "machine": machine,
        "figures": [dataclasses.asdict(figure) for figure in figures],
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    print(
        f"{results['took_s']} s; the load before was {machine['load_before']:.1f}. All of it: {RESULTS.relative_to(ROOT)}"
    )


if __name__ == "__main__":
    main()
