from prefect import flow, task


@task
def start():
    return "hello"


@task
def middle(message):
    return message + " again"


@task
def end(message):
    return message, True


@flow
def hello():
    return end(middle(start()))


if __name__ == "__main__":
    print(hello()[0])
