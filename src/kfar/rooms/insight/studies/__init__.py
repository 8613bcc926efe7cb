"""Studies: what is learned of everybody, and what it says of one person.

Each module has a `KIND`, the dataclass that is kept, and `learn(session, until)`, which is given
a session of `reading.everybody` and returns what it learned, with of how many people, or None
where nobody did anything of the kind. `refreshing.STUDIES` lists them.
"""
