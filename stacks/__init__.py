"""How a stack is composed: its settings, the table of backends, and the contract between stacks."""
