"""Surveys: what customers are asked, how often at most, and what they answer."""
