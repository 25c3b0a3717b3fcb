"""Start as ``pulumi-resource-kubernetes <engine address>``."""

import sys

from . import server

if __name__ == "__main__":
    sys.exit(server.main(sys.argv[1:]))
