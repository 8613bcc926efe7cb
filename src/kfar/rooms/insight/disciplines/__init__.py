"""What a customer buys on: price, convenience, quality or own taste, in each category anew.

After Treacy and Wiersema's value disciplines ("Customer Intimacy and Other Value Disciplines",
Harvard Business Review 71(1), 1993), seen from the customer: by what a person does in a category
against what was there to choose from. The same person buys paper on price and clothes on taste.
"""
