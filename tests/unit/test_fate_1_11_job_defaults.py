"""job_default_config.yaml of FATE 1.11."""

import dataclasses

import pytest
import yaml

from components.versions import fate_1_11

pytestmark = pytest.mark.unit
SHIPPED = {
    *("default_component_provider_path", "total_cores_overweight_percent", "total_memory_overweight_percent"),
    *("task_parallelism", "task_cores", "task_memory", "max_cores_percent_per_job", "job_timeout"),
    *("remote_request_timeout", "federated_command_trys", "end_status_job_scheduling_time_limit"),
    *("end_status_job_scheduling_updates", "auto_retries", "auto_retry_delay", "federated_status_collect_type"),
    *("detect_connect_max_retry_count", "detect_connect_long_retry_count", "task_process_classpath"),
    *("upload_block_max_bytes", "output_data_summary_count_limit", "task_world_size", "resource_waiting_timeout"),
}
"""Keys of the file that FATE-Flow 1.11.2 ships."""


def test_every_key_is_there_and_the_given_ones_have_their_figures() -> None:
    """FATE-Flow takes the keys as they stand: a missing one is None, and the first job ends in a comparison with it."""
    given = {field.name: 1000 + number for number, field in enumerate(dataclasses.fields(fate_1_11.JobDefaults))}
    read = yaml.safe_load(fate_1_11.job_defaults(fate_1_11.JobDefaults(**given)))
    assert set(read) == SHIPPED
    assert {key: read[key] for key in given} == given
