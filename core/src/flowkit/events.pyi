"""What type checkers know of the module that the built-in plugin brings."""

from flowkit.client.trigger import Event as Event
from flowkit.client.trigger import Trigger as Trigger
