"""Pages for students and for the class: single files that need nothing else and run nothing of a student's."""

from grader.feedback.pages import class_page, student_page
from grader.feedback.report import page_names, write_report

__all__ = ["class_page", "page_names", "student_page", "write_report"]
