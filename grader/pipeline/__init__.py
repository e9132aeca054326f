"""The use cases: the only place where the rooms meet.

Each function takes its collaborators and returns plain records.
"""
