"""What a plugin implements: one abstract class for each kind of capability, in terms of :mod:`flowkit.model`."""
