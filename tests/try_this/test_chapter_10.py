"""Chapter 10: the answers below its "Try this" list, one test for each item."""

from cnnlib.widgets import GraphStepper


def finished(*settings, **options):
    """A graph, gone through to the end."""
    return GraphStepper(*settings, **options, step=99)


def test_u_receives_1_directly_and_minus_2_over_v():
    gifts = [(gift["node"], gift["sent"]) for gift in finished("shared").gifts() if gift["parent"] == "u"]
    assert gifts == [("L", 1), ("v", -2)]
    assert finished("shared").gradients["u"] == -1
    parents = [gift["parent"] for gift in finished("shared").gifts()]
    assert [parent for parent in set(parents) if parents.count(parent) > 1] == ["u"]


def test_at_c_4_two_and_minus_two_cancel_in_u_and_nothing_reaches_a_and_b():
    shown = finished("shared", inputs=(2, -1, 4))
    assert [gift["sent"] for gift in shown.gifts() if gift["parent"] == "u"] == [2, -2]
    assert [shown.gradients[name] for name in "uab"] == [0, 0, 0]
    for a, b in ((1, -1), (2, 1), (-1, -2), (0.5, 3)):
        assert finished("shared", inputs=(a, b, -2 * a * b)).gradients["a"] == 0
        assert finished("shared", inputs=(a, b, -2 * a * b + 1)).gradients["a"] == b


def test_the_minus_goes_to_the_target_and_without_an_error_every_gradient_is_0():
    gradients = finished("neuron").gradients
    assert (gradients["y"], gradients["t"]) == (2, -2)
    right = finished("neuron", inputs=(2, 3, -1, 5)).gradients
    assert {name for name, gradient in right.items() if gradient} == {"L"}


def test_behind_a_shut_relu_only_the_target_receives_something():
    for w1 in (-1, -4):
        gradients = finished("two layers", inputs=(3, w1, -2, 1)).gradients
        assert [gradients[name] for name in ("x", "w₁", "w₂", "t")] == [0, 0, 0, 2]
        assert finished("two layers", inputs=(3, w1, -2, 1)).values["h"] == 0


def test_over_the_direct_line_the_residual_input_receives_exactly_1():
    shown = finished("residual", inputs=(5, -5))
    assert [(gift["node"], gift["sent"]) for gift in shown.gifts() if gift["parent"] == "x"] == [("L", 1), ("z", 0)]
    assert shown.gradients["x"] == 1


def test_the_way_back_needs_six_lines_for_eight_paths():
    shown = finished("doubling")
    users = {name: [node for node, _, parents in shown.graph["nodes"] for parent in parents if parent == name] for name in shown.values}

    def paths(name):
        return 1 if name == "L" else sum(map(paths, users[name]))

    assert (paths("a"), len(shown.way_back), shown.gradients["a"]) == (8, 6, 8)


def test_first_come_first_served_spoils_a_and_b_at_the_steps_8_and_9_of_11():
    right, wrong = finished("shared").gradients, finished("shared", order="first come, first served").gradients
    assert {name: (wrong[name], right[name]) for name in right if wrong[name] != right[name]} == {"a": (-1, 1), "b": (2, -2)}
    # The slider counts its steps from 1.
    told = [GraphStepper("shared", order="first come, first served", step=shown - 1).sentence for shown in (8, 9, 10)]
    assert GraphStepper("shared").last + 1 == 11
    assert told[0].startswith("Back from u to a: ")
    assert told[1].startswith("Back from u to b: ")
    assert "carries (−2)·1 = −2" in told[2]
    assert told[2].endswith("too late, u has passed its gradient on already.")
