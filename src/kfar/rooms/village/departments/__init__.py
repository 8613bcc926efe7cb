"""Departments: who belongs where, and what each sees of a customer and what for."""
