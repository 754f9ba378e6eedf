import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cpas.illustration import draws


def test_a_seed_and_its_labels_always_give_the_same_numbers():
    drawn = draws.stream(7, "incidents", "2019-06").random(3)
    assert drawn.round(6).tolist() == draws.stream(7, "incidents", "2019-06").random(3).round(6).tolist()
    assert drawn[0] != draws.stream(7, "incidents", "2019-05").random(1)[0]


def test_poisson_counts_have_their_mean_and_variance():
    for rate in (0.02, 3.7, 250.0):
        counts = draws.poisson(draws.stream(1, rate), np.full(100_000, rate))
        assert abs(counts.mean() / rate - 1) < 0.05
        assert abs(counts.var() / rate - 1) < 0.05


def test_a_rate_of_zero_never_gives_a_count():
    assert draws.poisson(draws.stream(1), np.zeros(1000)).sum() == 0


def test_a_heavy_tail_stays_between_one_and_its_cap():
    drawn = draws.heavy_tail(draws.stream(1), 1.5, 45, 50_000)
    assert (drawn.min(), drawn.max()) == (1, 45)
    assert 0.30 < (drawn >= 2).mean() < 0.40  # 2 ** -1.5 is 0.354


def test_picks_are_as_frequent_as_their_weights():
    picked = draws.pick(draws.stream(1), (1, 0, 3), 40_000)
    assert np.bincount(picked)[1] == 0
    assert abs((picked == 2).mean() - 0.75) < 0.01


@given(st.integers(0, 500), st.lists(st.floats(0.01, 1), min_size=1, max_size=5))
def test_parts_always_add_up_to_the_total(total, shares):
    assert sum(draws.split(draws.stream(total), total, shares)) == total
