"""In which cells of quotas answers count."""

from __future__ import annotations

from django.db import models


class InCell(models.Model):
    """That an answer counts in a cell of a quota."""

    response = models.ForeignKey("voice.Response", on_delete=models.CASCADE, related_name="cells")
    survey = models.ForeignKey("voice.Survey", on_delete=models.CASCADE, related_name="cells")
    cell = models.CharField(max_length=400)

    class Meta:
        indexes = [models.Index(fields=["survey", "cell"], name="cell_of_survey")]
        constraints = [
            models.UniqueConstraint(fields=["response", "cell"], name="in_a_cell_once"),
        ]
