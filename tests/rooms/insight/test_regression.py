from __future__ import annotations

import numpy as np
import pytest

from kfar.rooms.insight.regression import Link, fit

#: Of 10 without it 2 leave, of 10 with it 5.
X = np.repeat([[0.0], [1.0]], 10, axis=0)
Y = np.array([1.0] * 2 + [0.0] * 8 + [1.0] * 5 + [0.0] * 5)


def test_one_yes_or_no_gives_the_odds_ratio_and_its_error() -> None:
    """Woolf (Annals of Human Genetics 19, 1955): the variance of a log odds ratio is Σ 1/n."""
    found = fit(X, Y)
    assert found.beta == pytest.approx([np.log(2 / 8), np.log((5 / 5) / (2 / 8))])
    assert found.covariance[1, 1] == pytest.approx(1 / 2 + 1 / 8 + 1 / 5 + 1 / 5)
    assert found.probability(found.predictor(np.array([[0.0], [1.0]]))[0]) == pytest.approx(
        [0.2, 0.5]
    )


def test_one_yes_or_no_gives_the_ratio_of_hazards() -> None:
    """Prentice and Gloeckler 1978: the coefficient is the log ratio of the hazards in time."""
    found = fit(X, Y, link="cloglog")
    assert found.beta[1] == pytest.approx(np.log(np.log(0.5) / np.log(0.8)))


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_weights_are_so_many_rows(link: Link) -> None:
    short = fit(
        np.array([[0.0], [1.0]]), np.array([0.2, 0.5]), weight=np.array([10.0, 10.0]), link=link
    )
    assert short.beta == pytest.approx(fit(X, Y, link=link).beta)


def test_a_person_told_twice_is_no_surer() -> None:
    once = fit(X, Y, cluster=np.arange(20))
    twice = fit(np.tile(X, (2, 1)), np.tile(Y, 2), cluster=np.tile(np.arange(20), 2))
    assert twice.covariance == pytest.approx(once.covariance)


def test_what_cannot_be_told_apart_has_no_optimum() -> None:
    with pytest.raises(ValueError, match="the same"):
        fit(np.repeat(X, 2, axis=1), Y)


def test_a_ridge_holds_what_tells_everything() -> None:
    found = fit(X, X[:, 0], ridge=1.0)
    assert 1 < found.beta[1] < 5


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_a_planted_hazard_is_found(link: Link) -> None:
    draw = np.random.default_rng(1)
    x = draw.normal(size=(40_000, 2))
    predictor = -2 + x @ [0.8, -0.5]
    chance = 1 / (1 + np.exp(-predictor)) if link == "logit" else 1 - np.exp(-np.exp(predictor))
    found = fit(x, (draw.random(len(x)) < chance).astype(float), link=link)
    error = np.sqrt(np.diag(found.covariance))
    assert (np.abs(found.beta - [-2, 0.8, -0.5]) < 3 * error).all()
