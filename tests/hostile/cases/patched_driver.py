"""Replaces the driver's own functions by ones that agree with everything."""
from sandbox import driver
from sandbox.protocol import values as wire

driver.Driver.answer = lambda self, question, body: driver.messages.frame(driver.Answer(question.id, 100))
