import os

from prefect import flow, task
from prefect.task_runners import ThreadPoolTaskRunner


@task
def start():
    return list(range(int(os.environ["BENCH_TASKS"])))


@task
def work(item):
    return item * item


@task
def join(squares):
    return sum(squares)


@flow(task_runner=ThreadPoolTaskRunner(max_workers=2))
def foreach():
    return join([one.result() for one in work.map(start())])


if __name__ == "__main__":
    print(foreach())
