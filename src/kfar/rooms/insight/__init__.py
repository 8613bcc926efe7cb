"""Insight: understand. Figures about customers, with reasons; what was learned of everybody.

What is learned of everybody is kept (`keeping`), as `studies` that name nobody. A figure about
one person is never kept: it is computed from their own touches when it is asked for (`profiles`),
so what they correct, take back or have erased is in no figure from that moment on.
"""
