"""Is each setting's name one of ours?"""

from collections.abc import Sequence

from crm_store.process.tree import TREE_VARIABLE
from gateway.doctor.finding import Finding, ok, warning


def check_names(unknown: Sequence[str]) -> Finding:
    """unknown: names in the environment that begin like ours and are none."""
    misspelt = [name for name in unknown if name != TREE_VARIABLE]
    if misspelt:
        found = f"not known, and not followed: {', '.join(misspelt)}"
        return warning("settings", found, "Misspelt? sunnyday settings lists all names")
    return ok("settings", "all names are known")
