#!/bin/bash
# Starts a worker in the foreground with the image's own variables, as the official image does.
export SPARK_HOME=/spark
exec /spark/bin/spark-class org.apache.spark.deploy.worker.Worker --webui-port "$SPARK_WORKER_WEBUI_PORT" "$SPARK_MASTER"
