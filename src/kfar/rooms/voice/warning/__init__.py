"""Early warning: whether more people are unhappy than an hour like this one brings.

After Shin, Ramdas and Rinaldo, "E-detectors: a nonparametric framework for sequential change
detection" (2022). `people` says who counts, `pattern` what was to be expected, `detector` how much
speaks for a change, and `budget` how much has to.
"""
