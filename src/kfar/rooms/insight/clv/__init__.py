"""What a customer is worth: who is still there, how often they come, and what they spend.

Pure, on numpy and scipy, usable in a notebook. `fit_bgnbd` (Fader, Hardie and Lee 2005) and
`fit_pareto_nbd` (Schmittlein, Morrison and Colombo 1987) say how often, `fit_gamma_gamma` (Fader
and Hardie 2013) how much, `outlooks` what comes of both, and `withholding` when not to ask them.
"""
