"""A party that uses an exchange, as the exchange's stack shows it."""

import pulumi


class LinkedParty(pulumi.ComponentResource):
    """Stands in the plan that destroys an exchange, so that nobody does without knowing whom it cuts off.

    A component without resources, because that changes nothing and holds up nothing: a hook that refused to delete
    would refuse every ``pulumi destroy``, wanted ones too.
    """

    def __init__(self, exchange: str, party: str, opts: pulumi.ResourceOptions | None = None) -> None:
        """``exchange`` and ``party``: names of the two sites."""
        super().__init__("fate:site:LinkedParty", f"{exchange}-used-by-{party}", {}, opts)
        self.register_outputs({})
