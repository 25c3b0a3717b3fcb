"""Started by the engine as `pulumi-resource-random ADDRESS`."""

import sys

from .. import server
from . import provider

sys.exit(server.serve(provider.RandomPlugin(), sys.argv[1:]))
