"""The parts that backends are made of, told what the settings say: each a function that a row of the table names."""

import pulumi

from components import balancer, eggroll, hdfs, hive, nginx, part, pulsar, rabbitmq, spark
from components.versions import fate_1_11 as fate

from . import settings, translate
from .plan import Plan
from .settings import eggroll_engine as eggroll_settings
from .settings import spark_engine as spark_settings


def eggroll_engine(plan: Plan) -> part.PartFactory:
    """Computing, storage and transport in one."""
    config, given = plan.config, plan.config.eggroll
    told = eggroll.EggrollArgs(
        clustermanager=translate.service(config, "eggroll", given.clustermanager),
        nodemanager=translate.service(config, "eggroll", given.nodemanager),
        rollsite=translate.service(config, "eggroll", given.rollsite),
        companion=eggroll.companion(translate.image(config, "fluent-bit")),
        compute_cores=config.compute_cores,
        storage=translate.storage(config, given.nodemanager.storage),
        nodemanagers=given.nodemanager.replicas,
        processors_per_node=config.processors_per_node,
        default_route=plan.routes.default_hop,
        routes=plan.routes.hops,
        balancer=_balancer(config),
        polling=_polling(given.rollsite.polling),
        trust=plan.trust,
        front=translate.front(config) if plan.trust else None,
    )

    def make(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> part.Part:
        return eggroll.EggrollEngine(f"{foundation.site}-eggroll", told, foundation, opts)

    return make


def _balancer(config: settings.StackSettings) -> balancer.BalancerArgs | None:
    given = config.eggroll.balancer
    if not given.upstreams:
        return None
    hops = [fate.Hop(host=each.host, port=each.port, is_secure=each.tls) for each in given.upstreams]
    told = translate.service(config, "nginx", given)
    return balancer.BalancerArgs(
        image=told.image,
        resources=told.resources,
        environment=told.environment,
        placement=told.placement,
        exchanges=hops,
    )


def _polling(given: eggroll_settings.Polling) -> fate.Polling | None:
    if not given.client and not given.clients:
        return None
    return fate.Polling(client=given.client, clients=given.clients, concurrency=given.concurrency)


def spark_engine(plan: Plan) -> part.PartFactory:
    """Computing on Spark's own master and workers, or somebody else's."""
    config, given = plan.config, plan.config.spark
    told = spark.SparkArgs(
        master=translate.service(config, "spark-master", given.master),
        worker=translate.service(config, "spark-worker", given.worker),
        compute_cores=config.compute_cores,
        workers=given.existing.workers if given.existing else given.worker.replicas,
        worker_cores=given.worker.cores,
        task_cores=config.fateflow.job_defaults.task_cores,
        properties=dict(given.config),
        existing=_existing_spark(given.existing) if given.existing else None,
    )

    def make(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> part.Part:
        return spark.SparkEngine(f"{foundation.site}-spark", told, foundation, opts)

    return make


def _existing_spark(given: spark_settings.SparkExisting) -> spark.SparkExisting:
    driver = given.driver
    return spark.SparkExisting(
        master=given.master,
        home=given.home or fate.spark.CLIENT_HOME,
        python=given.python,
        driver=fate.spark.Driver(
            host=driver.host, port=driver.port, block_manager_port=driver.block_manager_port, tasks=driver.tasks
        )
        if driver
        else None,
    )


def local_spark(plan: Plan) -> part.PartFactory:
    """Computing and storage inside fateflow."""
    config = plan.config
    told = spark.LocalSparkArgs(compute_cores=config.compute_cores, task_cores=config.fateflow.job_defaults.task_cores)

    def make(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> part.Part:
        return spark.LocalSpark(f"{foundation.site}-spark", told, opts)

    return make


def tables(plan: Plan) -> part.PartFactory:
    """Storage in Hive where the settings name one, else in HDFS."""
    return _hive(plan.config.hive) if plan.config.hive else _hdfs(plan.config)


def _hive(given: spark_settings.Hive) -> part.PartFactory:
    told = hive.HiveArgs(
        host=given.host,
        port=given.port,
        auth_mechanism=given.auth_mechanism,
        user=given.user,
        password=translate.secret(given.password),
    )

    def make(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> part.Part:
        return hive.HiveStore(f"{foundation.site}-hive", told, opts)

    return make


def _hdfs(config: settings.StackSettings) -> part.PartFactory:
    given, there = config.hdfs, config.hdfs.existing
    told = hdfs.HdfsArgs(
        namenode=translate.service(config, "hadoop-namenode", given.namenode),
        datanode=translate.service(config, "hadoop-datanode", given.datanode),
        namenode_storage=translate.storage(config, given.namenode.storage),
        datanode_storage=translate.storage(config, given.datanode.storage),
        datanodes=given.datanode.replicas,
        replication=given.replication,
        existing=hdfs.ExistingHdfs(
            name_node=there.name_node, path_prefix=there.path_prefix, properties=dict(there.config)
        )
        if there
        else None,
    )

    def make(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> part.Part:
        return hdfs.HdfsStore(f"{foundation.site}-hdfs", told, foundation, opts)

    return make


def rabbitmq_transport(plan: Plan) -> part.PartFactory:
    """Data by way of RabbitMQ, party to party."""
    config, given, there = plan.config, plan.config.rabbitmq, plan.config.rabbitmq.existing
    service = translate.service(config, "rabbitmq", given)
    told = rabbitmq.RabbitMQArgs(
        image=service.image,
        resources=service.resources,
        environment=service.environment,
        placement=service.placement,
        storage=translate.storage(config, given.storage),
        user=there.user if there else given.user,
        password=translate.secret(there.password if there else given.password),
        extra_conf=dict(given.config),
        peers=plan.routes.hops,
        existing=rabbitmq.ExistingRabbitMQ(host=there.host, port=there.port, management_port=there.management_port)
        if there
        else None,
    )

    def make(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> part.Part:
        return rabbitmq.RabbitMQTransport(f"{foundation.site}-rabbitmq", told, foundation, opts)

    return make


def pulsar_transport(plan: Plan) -> part.PartFactory:
    """Data by way of Pulsar."""
    config, given, there = plan.config, plan.config.pulsar, plan.config.pulsar.existing
    service = translate.service(config, "pulsar", given)
    told = pulsar.PulsarArgs(
        image=service.image,
        resources=service.resources,
        environment=service.environment,
        placement=service.placement,
        storage=translate.storage(config, given.storage),
        topic_ttl=given.topic_ttl,
        backlog_quota=given.backlog_quota,
        max_message_size=given.max_message_size,
        batch_size=given.batch_size,
        tenant=given.tenant,
        extra_conf=dict(given.config),
        peers=plan.routes.brokers,
        exchange=plan.routes.exchange,
        trust=plan.trust,
        existing=pulsar.PulsarExisting(
            host=there.host, port=there.port, management_port=there.http_port, cluster=there.cluster
        )
        if there
        else None,
    )

    def make(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> part.Part:
        return pulsar.PulsarTransport(f"{foundation.site}-pulsar", told, foundation, opts)

    return make


def router(plan: Plan) -> part.PartFactory:
    """fateflow's messages by way of nginx."""
    there = plan.config.nginx.existing
    service = translate.service(plan.config, "nginx", plan.config.nginx)
    told = nginx.NginxArgs(
        image=service.image,
        resources=service.resources,
        environment=service.environment,
        placement=service.placement,
        routes=plan.routes.routers,
        default_route=plan.routes.default_router,
        trust=plan.trust,
        broker=fate.pulsar.INSIDE if plan.trust and plan.config.carries == "pulsar" else None,
        existing=nginx.ExistingNginx(host=there.host, http_port=there.http_port, grpc_port=there.grpc_port)
        if there
        else None,
    )

    def make(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> part.Part:
        return nginx.NginxRouter(f"{foundation.site}-nginx", told, foundation, opts)

    return make
