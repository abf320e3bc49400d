"""One of each component, and a large graph."""

from __future__ import annotations

from typing import Any

from flowkit.cards import (
    DAG,
    HTML,
    Artifact,
    Artifacts,
    Error,
    EventsTimeline,
    Heading,
    Image,
    JSONViewer,
    Log,
    Markdown,
    Page,
    ProgressBar,
    PythonCode,
    Section,
    Subtitle,
    Table,
    Text,
    Title,
    ValueBox,
    VegaChart,
    YAMLViewer,
)

from flowkit_cards.graph.plain import Arrow, PlainGraph, PlainStep

_MARKDOWN = """# Results
The model is **good**: see [the paper](https://example.org), `x = 1`.

- one
- two

| model | score |
|---|--:|
| forest | 0.97 |

> quoted

```python
print(1)
```
"""
_CHART = {
    "title": "Errors by class",
    "data": {"values": [{"a": letter, "b": size} for letter, size in zip("ABCDE", (28, 55, 43, 91, 12), strict=True)]},
    "mark": "bar",
    "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
}


def every_component() -> tuple[list[object], list[dict[str, Any]]]:
    """The user's part of a card, and what follows it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 3))
    figure.subplots().plot([1, 4, 2, 8, 5, 7])
    events = EventsTimeline("Agent")
    events.update({"action": "load", "rows": 1200}, style_theme="info")
    events.update({"action": "call"}, style_theme="tool_call", payloads={"answer": JSONViewer({"t": 21.5})})
    events.update({"action": "done"}, style_theme="success", priority="high", finished=True)
    rows = [[f"row {number}", *(round(number * column / 7, 4) for column in range(12))] for number in range(60)]
    components = [
        Title("A title"),
        Subtitle("and what is under it"),
        Markdown(_MARKDOWN),
        Section("Numbers", columns=4, contents=[
            ValueBox("Accuracy", 0.9712, "on 360 digits", "success", "+2.1%"),
            ValueBox("Loss", "0.113"),
            ValueBox("Failed rows", 12, "of 1,797", "warning"),
            ValueBox("Broken", 3, theme="danger"),
            ValueBox("Best", "forest", theme="bg-gradient-indigo-purple"),
        ]),
        ProgressBar(200, "Training", 120, "batches", "loss 0.31"),
        ProgressBar(0, "Without an end"),
        Section("Data", contents=[
            Table(rows, headers=["name", *(f"feature_{number}" for number in range(12))]),
            Table([["first", Artifact({"a": 2})], ["second", Markdown("*cell*")]], headers=["what", "value"]),
        ]),
        Section("Pictures", columns=2, contents=[Image.from_matplotlib(figure, "Loss"), VegaChart(_CHART)]),
        Heading("Values"),
        Artifact({"lr": 0.1, "layers": [64, 32]}, name="config"),
        Artifacts({"a": 1, "b": "text", "c": [1, 2, 3]}),
        JSONViewer({"a": [1, 2, {"b": None, "c": float("nan")}], "t": True}, title="Settings"),
        YAMLViewer({"database": {"host": "localhost", "port": 5432}, "features": ["auth", "logging"]}),
        events,
        Error(ValueError("what went wrong"), "Broken"),
        HTML("<p>Markup <em>as it is</em></p>"),
        PythonCode(code_string="@step\ndef train(self):\n    # fit\n    self.model = fit(1.5, 'x')\n"),
    ]  # fmt: skip
    after = [
        Section("Graph", contents=[DAG(small_graph())]).render(),
        Section("Output", contents=[Log("line one\nline two\n")]).render(),
        Page("Second page", "with sections", [Section("Inside", contents=[Text("text\nlines")])]).render(),
    ]
    return components, after


def small_graph() -> PlainGraph:
    """Each kind of step in each state."""
    return PlainGraph((
        PlainStep("start", "start", (Arrow("prepare"),), state="succeeded", tasks=1, seconds=0.02),
        PlainStep("prepare", "split", (Arrow("train"), Arrow("stats")), state="succeeded", tasks=1, seconds=4.2),
        PlainStep("train", "foreach", (Arrow("fit"),), over="folds", state="succeeded", tasks=1, seconds=1),
        PlainStep("fit", "linear", (Arrow("evaluate"),), state="running", tasks=20, seconds=63),
        PlainStep("evaluate", "switch", (Arrow("fit", "again"), Arrow("collect", "good")), over="verdict",
                  state="failed", tasks=19, seconds=12),
        PlainStep("collect", "join", (Arrow("merge"),), state="waiting"),
        PlainStep("stats", "linear", (Arrow("merge"),), state="succeeded", tasks=1, seconds=0.9, is_here=True),
        PlainStep("merge", "join", (Arrow("end"),), state="waiting"),
        PlainStep("end", "end", state="waiting"),
    ))  # fmt: skip


def graph_of_sixty() -> PlainGraph:
    """Sixty steps: nested branches, foreaches, switches with ways back."""
    steps = [PlainStep("start", "split", tuple(Arrow(f"prepare_{number}") for number in range(4)), "", "succeeded", 1)]
    for number in range(4):
        steps += _branch(number)
    steps += [
        PlainStep("merge_all_branches", "join", (Arrow("check_quality"),), state="waiting"),
        PlainStep("check_quality", "switch", (Arrow("publish", "good"), Arrow("repair", "bad")), over="quality"),
        PlainStep("repair", "linear", (Arrow("check_quality"),)),
        PlainStep("publish", "linear", (Arrow("notify"),)),
        PlainStep("notify", "linear", (Arrow("archive"),)),
        PlainStep("archive", "linear", (Arrow("end"),)),
        PlainStep("end", "end"),
    ]
    return PlainGraph(tuple(steps))


def _branch(number: int) -> list[PlainStep]:
    names = [
        "prepare",
        "split",
        "fit",
        "score",
        "tune",
        "left",
        "right",
        "far",
        "meet",
        "collect",
        "report",
        "check",
        "again",
    ]
    a = {name: f"{name}_{number}" for name in names}
    return [
        PlainStep(a["prepare"], "linear", (Arrow(a["split"]),), state="succeeded", tasks=1, seconds=2),
        PlainStep(a["split"], "foreach", (Arrow(a["fit"]),), over="folds", state="succeeded", tasks=1, seconds=1),
        PlainStep(a["fit"], "linear", (Arrow(a["score"]),), state="running", tasks=12, seconds=70),
        PlainStep(a["score"], "switch", (Arrow(a["tune"], "weak"), Arrow(a["left"], "fair"), Arrow(a["far"], "good"))),
        PlainStep(a["tune"], "linear", (Arrow(a["score"]),)),
        PlainStep(a["left"], "split", (Arrow(a["right"]), Arrow(a["again"]))),
        PlainStep(a["right"], "linear", (Arrow(a["meet"]),)),
        PlainStep(a["again"], "linear", (Arrow(a["meet"]),)),
        PlainStep(a["far"], "linear", (Arrow(a["collect"]),)),
        PlainStep(a["meet"], "join", (Arrow(a["collect"]),)),
        PlainStep(a["collect"], "join", (Arrow(a["report"]),)),
        PlainStep(a["report"], "linear", (Arrow(a["check"]),)),
        PlainStep(a["check"], "linear", (Arrow("merge_all_branches"),)),
    ]
