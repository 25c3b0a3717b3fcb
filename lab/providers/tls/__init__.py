"""Stand-in for the official `tls` plugin (pulumi-tls 5.6)."""
