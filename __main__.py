"""One stack, one site: read the stack's configuration, deploy what it describes, export what others need to know."""

import atexit
import gc
import signal

import pulumi

from stacks import config, start

# A run is over before there is much to collect: looking for it, and once more at the end, takes a tenth of its time.
gc.disable()
atexit.register(gc.freeze)
# The engine interrupts the program when it gives up; why is in its own words, which a traceback would bury.
signal.signal(signal.SIGINT, signal.SIG_DFL)


async def site() -> pulumi.Inputs:
    """The outputs of the stack; asynchronous, because other sites are read before anything is planned."""
    return await start.build(await config.load(pulumi.Config("fate"), stack=pulumi.get_stack()))


pulumi.run(site)
