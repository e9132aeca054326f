"""Answers another question than the one that was asked."""
from sandbox.protocol import messages

honest = messages.Answer
messages.Answer = None
from sandbox import driver

driver.Answer = lambda question, value: honest(question + 1, value)
