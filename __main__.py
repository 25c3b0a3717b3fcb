"""One stack, one site: read the stack's configuration, deploy what it describes, export what others need to know."""

import pulumi

from stacks import compose, config

for name, value in compose.build(config.load(pulumi.Config("fate"), stack=pulumi.get_stack())).items():
    pulumi.export(name, value)
