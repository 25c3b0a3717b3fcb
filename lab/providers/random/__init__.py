"""Stand-in for the official `random` plugin (pulumi-random 4.21)."""
