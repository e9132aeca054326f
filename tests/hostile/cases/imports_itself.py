"""Imports itself, under its own name and as main."""
import importlib

importlib.import_module("quick")
importlib.import_module("__main__")
