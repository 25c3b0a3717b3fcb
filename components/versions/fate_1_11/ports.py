"""The ports that the services of this line listen on inside their containers."""

ROLLSITE = 9370
"""Plaintext gRPC between parties; stays open inside the site even when the secure port is used."""
ROLLSITE_SECURE = 9371
"""TLS of rollsite. eggroll's own default, 9380, is the number of fateflow's HTTP port, so another one is taken."""
CLUSTERMANAGER = 4670
NODEMANAGER = 4671
FATEFLOW_GRPC = 9360
FATEFLOW_HTTP = 9380
NGINX_HTTP = 9300
NGINX_GRPC = 9310
NGINX_HTTP_TLS = 9301
"""Mutual TLS for other sites, like the next one; the plain ones stay inside the site then."""
NGINX_GRPC_TLS = 9311
NGINX_HEALTH = 9302
FATEBOARD = 8080
NOTEBOOK = 20000
MYSQL = 3306
RABBITMQ = 5672
RABBITMQ_MANAGEMENT = 15672
PULSAR = 6650
PULSAR_TLS = 6651
PULSAR_HTTP = 8080
PULSAR_HTTPS = 8081
HDFS_NAMENODE = 9000
HDFS_NAMENODE_HTTP = 9870
HDFS_DATANODE = 9866
HDFS_DATANODE_HTTP = 9864
SPARK_MASTER = 7077
SPARK_MASTER_HTTP = 8080
SPARK_WORKER_HTTP = 8081
EXCHANGE_PULSAR = 443
"""TLS of brokers at an exchange: the port of FATE's own guide, and the one that firewalls let out."""
