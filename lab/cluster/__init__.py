"""A real Kubernetes on this machine: control plane, one node where pods run, and simulated nodes for scale."""

from .lifecycle import down, load, main, status, up

__all__ = ["down", "load", "main", "status", "up"]
