"""Runs the DAG of `provider/` with `dag.test()`; the last line is what its tasks have returned, as JSON."""

import json

from run_dag import read_dag


def main() -> None:
    run = read_dag("amazon_provider").test()
    instances = run.get_task_instances()
    states = {instance.task_id: str(instance.state) for instance in instances}
    returned = {instance.task_id: instance.xcom_pull(task_ids=instance.task_id) for instance in instances}
    print(json.dumps({"states": states, "returned": returned}, default=str))


if __name__ == "__main__":
    main()
