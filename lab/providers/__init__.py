"""Stand-ins for the official Pulumi plugins, for machines where those cannot be downloaded.

Each package here is a real provider plugin: the engine starts it, speaks gRPC with it and cannot tell the difference.
They are used only where the official plugin is absent, and they are never kinder than it.
"""
