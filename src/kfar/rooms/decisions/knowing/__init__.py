"""How voters are known, and whose ballots are suspicious: E.164 (2010), RFC 5233 (2008)."""
