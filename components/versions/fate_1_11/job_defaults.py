"""``job_default_config.yaml``: what fateflow takes for a job that does not say otherwise."""

import yaml

from ..model import JobDefaults
from . import paths

PATH = f"{paths.ROOT}/fateflow/conf/job_default_config.yaml"
"""Where FATE-Flow looks, below its own folder."""


def job_defaults(given: JobDefaults) -> str:
    """The whole file. FATE-Flow 1.11.2 reads every key of it at start and ends when one is missing; what
    ``given`` does not name has the figure that FATE-Flow ships."""
    return yaml.safe_dump(
        {
            "default_component_provider_path": "federatedml",
            "total_cores_overweight_percent": 1,
            "total_memory_overweight_percent": 1,
            "task_parallelism": given.task_parallelism,
            "task_cores": given.task_cores,
            "task_memory": 0,
            "max_cores_percent_per_job": 1,
            "job_timeout": given.job_timeout,
            "remote_request_timeout": given.remote_request_timeout,
            "federated_command_trys": given.federated_command_trys,
            "end_status_job_scheduling_time_limit": 300000,
            "end_status_job_scheduling_updates": 1,
            "auto_retries": given.auto_retries,
            "auto_retry_delay": given.auto_retry_delay,
            "federated_status_collect_type": "PUSH",
            "detect_connect_max_retry_count": 3,
            "detect_connect_long_retry_count": 2,
            "task_process_classpath": True,
            "upload_block_max_bytes": 104857600,
            "output_data_summary_count_limit": 100,
            "task_world_size": 2,
            "resource_waiting_timeout": given.resource_waiting_timeout,
        },
        sort_keys=False,
    )
