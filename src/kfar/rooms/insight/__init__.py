"""Insight: understand. What the journeys say of each customer, of products, and of the company."""
