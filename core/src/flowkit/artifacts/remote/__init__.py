"""What datastores that are reached over a network have in common; authors of plugins may build on it.

:class:`~flowkit.artifacts.remote.datastore.RemoteDatastore` is a datastore but for the few requests that differ from
service to service.
"""
