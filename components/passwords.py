"""Passwords nobody has to think of: one for each user of each service, none of them a default."""

import pulumi
import pulumi_random as random

LENGTH = 32
"""Characters of A-Z, a-z and 0-9: about 190 bits, and nothing that a URL, SQL or a properties file would escape."""


def password(name: str, given: str | None, parent: pulumi.Resource) -> pulumi.Output[str]:
    """``given`` as a secret, or else a generated one that stays the same as long as the stack does."""
    if given is not None:
        return pulumi.Output.secret(given)
    return random.RandomPassword(name, length=LENGTH, special=False, opts=pulumi.ResourceOptions(parent=parent)).result
