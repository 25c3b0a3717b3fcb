"""Stand-in for the official `docker` plugin (pulumi-docker 5.2, a bridge over the Terraform provider)."""
