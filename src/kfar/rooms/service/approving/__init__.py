"""One named approver, with a clock, for what is above somebody's authority."""
