"""The long form of the property tests: libFuzzer looks for what breaks a reader. make soak, FUZZ_MINUTES=2"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CORPORA = ROOT / "../shared/corpora"
MOST_SEED_BYTES = 10_000  # libFuzzer changes a few bytes at a time


@pytest.mark.soak
def test_nothing_that_is_found_in_minutes_breaks_a_reader(tmp_path: Path):
    pytest.importorskip("atheris", reason="atheris has wheels for x86-64 Linux only")
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, path in enumerate(sorted(CORPORA.glob("*/**/*.eml"))):
        if path.stat().st_size <= MOST_SEED_BYTES:
            (seeds / str(number)).write_bytes(path.read_bytes())
    seconds = int(float(os.environ.get("FUZZ_MINUTES", "2")) * 60)
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("fuzz_reading.py"), seeds, f"-max_total_time={seconds}",
         "-max_len=20000", "-timeout=5", "-rss_limit_mb=2048", "-print_final_stats=1"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": f"{ROOT / 'tests/fixtures'}:{ROOT}"},
        capture_output=True, text=True,
    )  # fmt: skip
    findings = [path.read_bytes()[:2000] for path in tmp_path.glob("*-*")]
    print(
        *(line for line in done.stderr.splitlines() if line.startswith(("Done", "stat::number", "stat::average"))),
        sep="\n",
    )
    assert (done.returncode, findings) == (0, []), done.stderr[-4000:]
