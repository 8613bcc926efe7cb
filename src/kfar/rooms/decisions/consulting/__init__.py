"""What a public consultation says: opinion groups, what each stands for, the common ground.

Pure, on numpy, usable in a notebook; `opinion.refresh` is the way in. After Polis:
Small, Bjorkegren, Erkkilä, Shaw and Megill, "Polis: Scaling Deliberation by Mapping High
Dimensional Opinion Spaces", Recerca 26(2), 2021; docs/decisions/0015-opinion-groups.md says
where it differs.
"""
