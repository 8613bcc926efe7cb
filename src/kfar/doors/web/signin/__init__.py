"""Sign-in: customers by a code from their mail, people who work here by password and more."""
