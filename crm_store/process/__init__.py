"""How the parts run: declared services, a supervisor that keeps them up, and the state of the tree."""
