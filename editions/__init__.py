"""Editions of the book made from the same notebooks: a web site, releases for students and teachers, folders for classrooms."""
