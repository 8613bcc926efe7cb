"""Prominence: what reviews say of each product, so that one can be put before another.

    weighing   how much each review counts: a verified purchase, its age, a burst, a change
    changing   since when a product is as it is: a change point in its stars
    prior      what a product of a category is like before anybody has said anything
    scoring    the mean and its interval: empirical Bayes

Arrays in, arrays out; docs/reference/prominence.md says the same in words.
"""
