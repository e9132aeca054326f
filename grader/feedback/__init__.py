"""Pages for students and for the class: single files that need nothing else and run nothing of a student's."""

from grader.feedback.pages import student_page
from grader.feedback.report import Progress, page_name, write_report

__all__ = ["Progress", "page_name", "student_page", "write_report"]
