"""Imports a package that is not there."""
import pandas_of_tomorrow
