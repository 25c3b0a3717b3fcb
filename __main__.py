"""One stack, one site: read the stack's configuration, deploy what it describes, export what others need to know."""

import signal

import pulumi

from stacks import compose, config

# The engine interrupts the program when it gives up; why is in its own words, which a traceback would bury.
signal.signal(signal.SIGINT, signal.SIG_DFL)

for name, value in compose.build(config.load(pulumi.Config("fate"), stack=pulumi.get_stack())).items():
    pulumi.export(name, value)
