"""Follow-up: one short question after a purchase or a closed case; silence is respected."""
