"""Assignments of other tools as labs: a notebook and its tests in, the files of a lab out.

`nbgrader` and `otter` take an `assignment` apart, with `marks` for what students write; `translate` makes questions of
its tests, by `expressions` of their own values and `questions`, `assertions` and `shown` texts to the submission, which
`asking` and `about` word; `suites` writes them down, and `lab` puts all of it together. Pure, and nothing here runs
anybody's code.
"""
