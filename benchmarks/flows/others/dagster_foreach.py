import os

from dagster import (
    DagsterInstance,
    DynamicOut,
    DynamicOutput,
    execute_job,
    job,
    multiprocess_executor,
    op,
    reconstructable,
)


@op(out=DynamicOut())
def start():
    for number in range(int(os.environ["BENCH_TASKS"])):
        yield DynamicOutput(number, mapping_key=str(number))


@op
def work(item: int) -> int:
    return item * item


@op
def join(squares: list[int]) -> int:
    return sum(squares)


@job(executor_def=multiprocess_executor.configured({"max_concurrent": 2}))
def foreach():
    join(start().map(work).collect())


if __name__ == "__main__":
    quiet = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
    with DagsterInstance.get() as instance:
        if os.environ["BENCH_PROCESSES"] == "1":
            with execute_job(reconstructable(foreach), instance=instance, run_config=quiet) as result:
                print(result.output_for_node("join"))
        else:
            print(foreach.execute_in_process(run_config=quiet, instance=instance).output_for_node("join"))
