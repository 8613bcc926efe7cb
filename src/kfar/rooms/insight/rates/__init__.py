"""Rates: how often a customer buys a category or a product, and who its buyers are.

A customer's own count is shrunk towards what is usual in the category, the more so the less
is known of the customer (`shrinkage`); what is counted stands in `tables`.
"""
