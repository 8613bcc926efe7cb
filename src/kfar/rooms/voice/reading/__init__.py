"""What a text says: its language, and whether who wrote it is happy. Here, offline; no rows.

Linear models over n-grams of words and of letters within words, as in Joachims, "Text
Categorization with Support Vector Machines" (1998), with the log-count ratios of Wang and Manning,
"Baselines and Bigrams: Simple, Good Sentiment and Topic Classification" (ACL 2012); the n-grams are
hashed, as in Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (ICML 2009).
What a model says is calibrated by a matrix after Guo et al., "On Calibration of Modern Neural
Networks" (ICML 2017). Languages are told apart by py3langid, after Lui and Baldwin, "langid.py"
(ACL 2012).

`grams` makes numbers of texts, `weights` is a model as a file, `sentiment` reads with one,
`embedding` adds what vectors know where they are here, `training` makes both with `softmax`,
`language` tells languages apart, `correcting` learns from people's corrections and stars, `topics`
finds what many speak of.
"""
