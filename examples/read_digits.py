"""Read the last run of ``digits.py`` back, as a notebook would."""

from flowkit import Flow

run = Flow("DigitsFlow").latest_successful_run
print(f"{run.pathspec}, finished {run.finished_at:%Y-%m-%d %H:%M}")
for score, spread, name, settings in run["choose"].task.data.table:
    print(f"  {score:.4f} (+- {spread:.4f})  {name} {settings}")
print(f"accuracy of the best on unseen images: {run.data.accuracy:.4f}")
