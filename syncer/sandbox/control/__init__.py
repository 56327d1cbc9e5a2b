"""What Google doesn't have: accounts made, mail delivered, faults ordered, calls counted. JSON, under /sandbox/."""
