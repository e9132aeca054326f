"""Pages for students and for the class: single files that need nothing else and run nothing of a student's."""

from grader.feedback.handout import sections
from grader.feedback.pages import student_page
from grader.feedback.report import Progress, check_place, page_name, write_report

__all__ = ["Progress", "check_place", "page_name", "sections", "student_page", "write_report"]
