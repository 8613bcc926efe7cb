"""Understanding: what was heard is read, corrected by people, and gathered under themes.

What is computed of it is in `reading/`, which knows no rows.
"""
