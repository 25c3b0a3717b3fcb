"""Started by the engine as `pulumi-resource-docker ADDRESS`."""

import sys

from .. import server
from . import provider

sys.exit(server.serve(provider.DockerPlugin(), sys.argv[1:]))
