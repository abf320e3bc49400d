"""Artifacts: content-addressed blobs, serializers and manifests, over any Datastore."""
