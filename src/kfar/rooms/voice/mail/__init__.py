"""Mails as they come: who wrote, what is new in them, and which are no person's word. Pure.

`reading` takes one apart after RFC 5322 (2008) and MIME (RFC 2045, 1996); `guarding` tells
machines' mails after RFC 3834 (2004); `quoting` takes off what was said before, `markup` turns
HTML into text.
"""
