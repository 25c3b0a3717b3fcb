"""A job that a party's fateflow submits as FATE does: it computes on the workers and stores in HDFS."""

SCRIPT = """
from pyspark.sql import SparkSession
session = SparkSession.builder.appName("lab").getOrCreate()
context = session.sparkContext
path = "hdfs://namenode:9000/lab-job"
context.parallelize(range(1000), 4).map(lambda number: number * 2).saveAsTextFile(path)
total = context.textFile(path).map(int).sum()
hosts = context.parallelize(range(8), 4).map(lambda _: __import__("socket").gethostname()).distinct().collect()
print("TOTAL", total, "ELSEWHERE", __import__("socket").gethostname() not in hosts)
"""
COMMAND = (
    "bash",
    "-c",
    'cat > /tmp/job.py <<"END"\n' + SCRIPT + 'END\nexec "$SPARK_HOME/bin/spark-submit" /tmp/job.py',
)
"""What is run in fateflow's container; where the master is, its configuration says."""
ANSWER = "TOTAL 999000 ELSEWHERE True"
"""What a job prints that was computed by the workers and read back from the file system."""
