"""Who is about to leave, what a bad experience does to that, and what helps.

Pure, on numpy, usable in a notebook. `visits.Visits` holds who came when, `tables` makes it of the
lake; `hazard.learn` says how likely each customer is to stay away; `after.excess` and
`after.recovery` say what a bad experience, and what was done about it, changes.
"""
