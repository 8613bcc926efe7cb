"""Next best: what this person will want next, and whether saying so changes anything.

`history` is what is known of people and of everybody, `model` says what comes next and why,
`measures` how often it is right, `holding` what it is worth beside people who were left alone.
"""
