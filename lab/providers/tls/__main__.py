"""Started by the engine as `pulumi-resource-tls ADDRESS`."""

import sys

from .. import server
from . import provider

sys.exit(server.serve(provider.TlsPlugin(), sys.argv[1:]))
