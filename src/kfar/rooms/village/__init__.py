"""Village: staff. Who works here, in which role, with which authority."""
