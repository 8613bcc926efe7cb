"""Gate: the fast door for machines, where touchpoints and ballots come in.

A process of its own on the public port. What is not for the gate is passed on to the pages.
It knows no Django and no room: which keys and questions there are stands in a file that is
written for it (`notice`), what it accepts it puts into the intake, durable before the answer.
"""
