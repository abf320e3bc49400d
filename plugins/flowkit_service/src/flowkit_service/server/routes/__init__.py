"""The REST interface, a module for each kind of object; each has a list ``ROUTES``."""
