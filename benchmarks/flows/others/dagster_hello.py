from dagster import DagsterInstance, job, op


@op
def start() -> str:
    return "hello"


@op
def middle(message: str) -> str:
    return message + " again"


@op
def end(message: str) -> str:
    return message


@job
def hello():
    end(middle(start()))


if __name__ == "__main__":
    quiet = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
    with DagsterInstance.get() as instance:
        print(hello.execute_in_process(run_config=quiet, instance=instance).output_for_node("end"))
