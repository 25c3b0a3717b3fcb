"""Stand-in for the official pulumi-kubernetes plugin, version 4.29.

Every ``kubernetes:<group>/<version>:<Kind>`` resource is served generically. What a request may do, when it is refused
and in which words follows the official plugin; where the two could differ, the stand-in is the stricter one.
"""

VERSION = "4.29.0"
"""Version of the official plugin whose behaviour is followed; the engine compares it with the SDK's."""
