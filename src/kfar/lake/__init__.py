"""Lake: what happened. The outbox, the audit, the inbox and the table of all touchpoints."""
