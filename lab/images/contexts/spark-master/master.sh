#!/bin/bash
# Starts the master in the foreground with the image's own variables, as the official image does.
export SPARK_HOME=/spark
exec /spark/bin/spark-class org.apache.spark.deploy.master.Master \
  --ip "$(hostname)" --port "$SPARK_MASTER_PORT" --webui-port "$SPARK_MASTER_WEBUI_PORT"
