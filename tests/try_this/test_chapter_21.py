"""Chapter 21: the answers below its "Try this" list, one test for each item."""

import numpy as np
import pytest
from traitlets import TraitError

import cnnlib
from cnnlib.augment import shift
from cnnlib.widgets import NetworkDesigner
from cnnlib.widgets.layer_table import NETWORKS, build

FIRST, RELU, POOL, SECOND, _, _, FLATTEN, DENSE = SMALL = NETWORKS["small net of chapter 17"][2]
SEPARABLE = (("depthwise", 3, 1, 1), ("conv", 64, 1, 1, 0))


def designed(layers, **options):
    return NetworkDesigner(layers=layers, **options)


def costs(layers):
    table = designed(layers).table
    return table.parameters, table.multiply_adds


def with_maps(first, second, between=(SECOND,)):
    """The small net with other numbers of maps; `between` is its second convolution, whose last layer makes the maps."""
    *before, last = between
    return (("conv", first, *FIRST[2:]), *SMALL[1:3], *before, ("conv", second, *last[2:]), *SMALL[4:])


def largest(layers_of):
    """The largest number whose net keeps to both budgets; costs grow with it."""
    fitting = [m for m in range(1, 65) if all(cost <= budget for cost, budget in designed(layers_of(m)).spent.values())]
    assert fitting == list(range(1, len(fitting) + 1))
    return len(fitting)


def reads(first, second):
    """Percent of the last fifth of the training digits, trained as section 21.4 trains, over five seeds."""
    digits, found = cnnlib.load_digits("order"), []
    kept = len(digits.train_labels) - len(digits.train_labels) // 5
    for seed in range(5):
        rng = np.random.default_rng(seed)
        model = build(1, 8, with_maps(first, second), rng=rng)
        cnnlib.fit(
            model, digits.train_images[:kept], digits.train_labels[:kept], epochs=15, batch_size=32,
            optimizer=cnnlib.SGD(lr=0.05, momentum=0.9, nesterov=True), schedule=cnnlib.cosine(0.05, 15),
            augment=lambda batch, rng: shift(batch, 1, rng=rng), rng=rng, progress=False,
        )  # fmt: skip
        found.append(100 * cnnlib.evaluate(model, digits.train_images[kept:], digits.train_labels[kept:])[1])
    return np.mean(found)


def test_4_maps_in_the_first_convolution_or_6_in_the_second_keep_to_both_budgets_and_no_other_single_number_does():
    assert largest(lambda m: with_maps(m, 64)) == 4
    assert largest(lambda m: with_maps(32, m)) == 6
    assert (costs(with_maps(4, 64)), costs(with_maps(32, 6))) == ((4_978, 41_728), (2_304, 46_320))
    others = [(place, at) for place, layer in enumerate(SMALL) for at in range(1, len(layer)) if (place, at) not in ((0, 1), (3, 1))]
    assert len(others) == 13
    for place, at in others:
        for number in range(SMALL[place][at]):
            layer = (*SMALL[place][:at], number, *SMALL[place][at + 1 :])
            try:
                changed = designed((*SMALL[:place], layer, *SMALL[place + 1 :]))
            except TraitError:  # the browser does not offer the number
                continue
            assert changed.message or any(cost > budget for cost, budget in changed.spent.values())
    for size in range(1, 8):
        changed = designed(SMALL, input_size=size)
        assert changed.message or any(cost > budget for cost, budget in changed.spent.values())


def test_saving_in_one_place_reads_about_97_percent_and_saving_in_both_more_than_98():
    starved = [reads(4, 64), reads(32, 6)]
    assert starved == pytest.approx([97, 97], abs=1)
    assert reads(12, 24) > max(98, *starved)


def test_pooling_first_makes_302080_of_315904_multiply_adds_with_the_same_parameters():
    pooled = (POOL, FIRST, RELU, *SMALL[3:])
    assert (costs(SMALL), costs(pooled)) == ((21_386, 315_904), (21_386, 302_080))
    before, after = designed(SMALL).table.rows, designed(pooled).table.rows
    assert (before[0].multiply_adds, after[1].multiply_adds) == (18_432, 4_608)
    assert before[3].multiply_adds == after[3].multiply_adds
    assert round(100 * before[3].multiply_adds / 315_904) == 93
    assert after[0].output_shape == (1, 4, 4)


def test_a_stride_of_2_in_place_of_the_pooling_costs_the_same_and_reads_every_cell():
    strided = (("conv", 32, 3, 2, 1), RELU, *SMALL[3:])
    pooled = (POOL, FIRST, RELU, *SMALL[3:])
    assert costs(strided) == costs(pooled)
    assert not designed(strided).remarks
    fields = [designed(layers).table.rows[-3].receptive_field for layers in (strided, SMALL, pooled)]
    assert fields == [9, 10, 12]


def test_without_the_flatten_the_sentence_proposes_it_and_adding_it_mends_the_net():
    without = (*SMALL[:6], DENSE)
    said = "Layer 6, Linear: a dense layer reads a row, and maps of 2 x 2 come in. Put a flatten before it."
    assert designed(without).message == said
    assert (*without[:6], FLATTEN, *without[6:]) == SMALL
    assert not designed(SMALL).message


def test_a_separable_second_convolution_costs_an_eighth_and_lets_the_width_grow_from_12_to_28():
    separable = with_maps(32, 64, SEPARABLE)
    full, parts = designed(SMALL).table.rows[3], designed(separable).table.rows[3:5]
    assert (full.parameters, sum(row.parameters for row in parts)) == (18_496, 2_432)
    assert (full.multiply_adds, sum(row.multiply_adds for row in parts)) == (294_912, 37_376)
    assert all(7.5 < before / after < 8 for before, after in ((18_496, 2_432), (294_912, 37_376)))
    assert largest(lambda m: with_maps(m, min(2 * m, 512))) == 12
    assert largest(lambda m: with_maps(m, 2 * m, SEPARABLE)) == 28
    for wider in (with_maps(13, 26), with_maps(29, 58, SEPARABLE)):
        (parameters, budget), (work, limit) = designed(wider).spent.values()
        assert parameters <= budget
        assert work > limit


def test_a_global_average_leaves_the_dense_layer_650_parameters_whatever_the_input_size():
    averaged = (*SMALL[:6], ("global",), DENSE)
    sizes = [designed(layers, input_size=size).table.rows[-1].parameters for size in (8, 16) for layers in (averaged, SMALL)]
    assert sizes == [650, 2_570, 650, 10_250]
    assert [designed(layers).table.rows[-2].output_shape for layers in (averaged, SMALL)] == [(64,), (256,)]
