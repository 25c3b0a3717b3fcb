"""An exchange, told what the settings and the links of its parties say."""

from components import exchange

from . import settings, translate
from .plan import Plan


def told(plan: Plan) -> exchange.ExchangeArgs:
    """What the exchange is made of."""
    config = plan.config
    made = _rollsite(plan) if config.transport is settings.Transport.ROLLSITE else _pulsar(plan)
    return exchange.ExchangeArgs(site=config.site, transport=made)


def _rollsite(plan: Plan) -> exchange.RollsiteExchangeArgs:
    given = plan.config.eggroll.rollsite
    service = translate.service(plan.config, "eggroll", given)
    return exchange.RollsiteExchangeArgs(
        image=service.image,
        resources=service.resources,
        environment=service.environment,
        placement=service.placement,
        routes=plan.routes.hops,
        polled=given.polling.clients,
        polling_concurrency=given.polling.concurrency,
        trust=plan.trust,
        front=translate.front(plan.config) if plan.trust else None,
    )


def _pulsar(plan: Plan) -> exchange.PulsarExchangeArgs:
    service = translate.service(plan.config, "nginx", plan.config.nginx)
    return exchange.PulsarExchangeArgs(
        image=service.image,
        resources=service.resources,
        environment=service.environment,
        placement=service.placement,
        domain=plan.config.domain,
        routers=plan.routes.routers,
        brokers=plan.routes.hops,
        trust=plan.trust,
    )
