"""Cards: pages of a step's results, live while it runs.

>>> from flowkit import FlowSpec, card, current, step
>>> from flowkit.cards import Markdown, Table
>>> class Report(FlowSpec):
...     @card
...     @step
...     def start(self):
...         current.card.append(Markdown("# Results"))
...         current.card.append(Table([["accuracy", 0.97]], headers=["what", "value"]))
...         self.next(self.end)
...
...     @step
...     def end(self):
...         pass

``get_cards`` reads them again.
"""

from flowkit_cards.client import CardContainer, StoredCard, get_cards
from flowkit_cards.components.artifact import Artifact, Artifacts
from flowkit_cards.components.base import CardComponent
from flowkit_cards.components.code import PythonCode
from flowkit_cards.components.dag import DAG
from flowkit_cards.components.error import Error
from flowkit_cards.components.events import EventsTimeline
from flowkit_cards.components.image import Image
from flowkit_cards.components.log import Log
from flowkit_cards.components.markdown import Markdown
from flowkit_cards.components.progress import ProgressBar
from flowkit_cards.components.raw_html import HTML
from flowkit_cards.components.structure import Page, Section
from flowkit_cards.components.table import Table
from flowkit_cards.components.text import Heading, Subtitle, Text, Title
from flowkit_cards.components.value_box import ValueBox
from flowkit_cards.components.vega import VegaChart
from flowkit_cards.components.viewers import JSONViewer, YAMLViewer
from flowkit_cards.errors import CardNotPresent
from flowkit_cards.types.base import Card
from flowkit_cards.types.blank import BlankCard
from flowkit_cards.types.default import DefaultCard
from flowkit_cards.types.default_json import DefaultCardJSON
from flowkit_cards.types.error import ErrorCard
from flowkit_cards.types.plain_html import HTMLCard
from flowkit_cards.types.taskspec import TaskspecCard

PageComponent = Page

__all__ = [
    "DAG",
    "HTML",
    "Artifact",
    "Artifacts",
    "BlankCard",
    "Card",
    "CardComponent",
    "CardContainer",
    "CardNotPresent",
    "DefaultCard",
    "DefaultCardJSON",
    "Error",
    "ErrorCard",
    "EventsTimeline",
    "HTMLCard",
    "Heading",
    "Image",
    "JSONViewer",
    "Log",
    "Markdown",
    "Page",
    "PageComponent",
    "ProgressBar",
    "PythonCode",
    "Section",
    "StoredCard",
    "Subtitle",
    "Table",
    "TaskspecCard",
    "Text",
    "Title",
    "ValueBox",
    "VegaChart",
    "YAMLViewer",
    "get_cards",
]
