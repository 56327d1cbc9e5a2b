"""Coverage-guided fuzzing of the mail readers: python fuzz_reading.py FOLDER-OF-MAILS -max_total_time=60

A finding is written to ./crash-… or ./timeout-…: make it small, and keep it as a test."""

import sys

import atheris

with atheris.instrument_imports(include=["crm_store.mail", "crm_store.rules.automatic"]):
    from clean_reading import assert_reads_clean


if __name__ == "__main__":
    atheris.Setup(sys.argv, assert_reads_clean)
    atheris.Fuzz()
