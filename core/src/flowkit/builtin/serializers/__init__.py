"""Serializers besides pickle. Each imports its library only when a value of that library is saved or loaded."""
