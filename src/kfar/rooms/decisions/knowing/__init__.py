"""How voters are known, and how often one may try: pure rules; E.164 (2010), RFC 5233 (2008)."""
