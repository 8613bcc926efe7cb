"""How units by store, product and week answer to price, display and mailer."""
