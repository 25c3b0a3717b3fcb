"""One stack, one site: read the stack's configuration, deploy what it describes, export what others need to know."""

import signal

import pulumi

from stacks import compose, config

# The engine interrupts the program when it gives up; why is in its own words, which a traceback would bury.
signal.signal(signal.SIGINT, signal.SIG_DFL)


async def site() -> pulumi.Inputs:
    """The outputs of the stack; asynchronous, because other sites are read before anything is planned."""
    return compose.build(await config.load(pulumi.Config("fate"), stack=pulumi.get_stack()))


pulumi.run(site)
