"""Checks of the installation, each with what is wrong and how to mend it: `sunnyday doctor`."""
