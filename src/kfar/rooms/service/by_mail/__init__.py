"""By mail: a return started by whoever has the order's number and address, without an account."""
