"""Ends Python when it is imported, with status 0."""
import os

os._exit(0)
