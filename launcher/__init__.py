"""What `book.py` is made of: standard library only, and the grammar of Python 3.6."""
