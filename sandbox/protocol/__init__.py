"""What the trusted side and the sandbox say to each other.

`frames` cuts the byte stream into frames, `messages` are the tagged structs in a frame's head, `values` are the
arguments and answers whose bulk lies in a frame's body. Whatever breaks a rule raises `ProtocolError`, and
nothing else is raised for bytes that came from the other side.
"""
