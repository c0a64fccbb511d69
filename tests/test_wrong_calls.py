"""Every wrong call is refused in words: the argument, the numbers, and a repair that works."""

import inspect
import re

import numpy as np
import pytest
from wrong_calls import GOOD as GOOD_OPERATIONS
from wrong_calls import TABLE as OPERATIONS
from wrong_calls_of_nets import GOOD as GOOD_NETS
from wrong_calls_of_nets import SETTLED
from wrong_calls_of_nets import TABLE as NETS

import cnnlib

GOOD, TABLE = GOOD_OPERATIONS | GOOD_NETS, [*OPERATIONS, *NETS]
REPAIR = re.compile(r"(Write|Pass|Give|Make|Pad|Reshape|Number|Shrink|write|Choose|Put|Use) .*\.$")
RECORDS = {"Dataset", "History", "GradientReport"}  # what the library fills, nobody calls


def call(function, arguments):
    if function in ("Sequential", "Residual"):
        return getattr(cnnlib, function)(*arguments["layers"])
    result = getattr(cnnlib, function)(**arguments)
    return list(result) if function == "fit_steps" else result


def row_id(row):
    function, wrong, *_ = row
    return f"{function}-" + ",".join(f"{name}={shown(value)}" for name, value in wrong.items())


def shown(value):
    """The same words in every process, or two workers would collect two lists: no address, no name of a scratch folder."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{value.shape}"
    return "function" if callable(value) else re.sub(" at 0x[0-9a-f]+", "", repr(value)).replace(SETTLED.name, "folder")


def repaired(function, message, arguments):
    """Do what the message says: (the argument it blames, the new arguments); where it only says what kind to pass, the good call's own."""
    if found := re.search(r"Pad by (\d+)", message):
        return "padding", arguments | dict(padding=int(found[1]))
    if found := re.search(r"Shrink the kernel to (\d+)", message):
        k = int(found[1])
        return "kernel", arguments | (dict(kernel_size=k) if "kernel_size" in arguments else dict(kernel=arguments["kernel"][:k, :k]))
    if found := re.search(r"Give (\w+) the shape (\([\d, ]*\))", message):
        name = found[1]
        if name not in GOOD[function]:  # the weights of a layer: another x is the repair that the caller has
            return "everything", GOOD[function]
        return name, arguments | {name: np.ones(eval(found[2]), dtype=np.asarray(GOOD[function][name]).dtype)}
    if found := re.search(r"Write (\w+)=True or \1=False\.$", message):
        return found[1], arguments | {found[1]: GOOD[function][found[1]]}
    if (found := re.search(r"[Ww]rite (\w+)=(.+?)(?:, for example.*)?\.$", message)) and found[1] in arguments:
        return found[1], arguments | {found[1]: eval(found[2], dict(vars(cnnlib)), dict(arguments))}
    if found := re.search(r"Write (\w+)\[(\d)\]=([^ ]+?)\.$", message):
        sizes = [*arguments[found[1]]]
        sizes[int(found[2])] = eval(found[3])
        return found[1], arguments | {found[1]: tuple(sizes)}
    if found := re.search(r"[Ww]rite ((?:np\.reshape\()?(\w+)(?:\.|\[\D|,).+?)(?: to take the real part)?\.$", message):
        return found[2], arguments | {found[2]: eval(found[1], {"np": np}, dict(arguments))}
    return "everything", GOOD[function]


@pytest.mark.parametrize("row", TABLE, ids=row_id)
def test_a_wrong_call_is_refused_in_words_and_the_repair_it_names_works(row):
    function, wrong, error, words = row
    arguments = GOOD[function] | wrong
    with pytest.raises(error) as caught:
        call(function, arguments)
    for word in words:
        assert word in str(caught.value), f"{word!r} is missing in: {caught.value}"
    if error is not FileNotFoundError:
        follow_repairs(function, arguments, str(caught.value))


def follow_repairs(function, arguments, message):
    """Repair and call again. What follows from the repaired argument, such as the shape of dy, may be blamed next; never the same again."""
    blamed = []
    while message:
        assert REPAIR.search(message), f"no repair in: {message}"
        name, arguments = repaired(function, message, arguments)
        assert name not in blamed, f"the repair of {name} did not work: {message}"
        blamed.append(name)
        try:
            call(function, arguments)
            message = ""
        except FileNotFoundError:  # a file must be brought; no argument helps
            message = ""
        except (ValueError, TypeError) as error:
            message = str(error)


@pytest.mark.parametrize("function", GOOD)
def test_the_good_call_is_good(function):
    call(function, GOOD[function])


def test_the_table_holds_every_public_function_and_every_argument():
    tried = {(function, name) for function, wrong, *_ in TABLE for name in wrong}
    exceptions = {name for name in cnnlib.__all__ if inspect.isclass(thing := getattr(cnnlib, name)) and issubclass(thing, Exception)}
    functions = [name for name in cnnlib.__all__ if callable(getattr(cnnlib, name)) and name not in exceptions | RECORDS]
    assert set(functions) <= set(GOOD)
    wanted = {(name, parameter) for name in functions for parameter in inspect.signature(getattr(cnnlib, name)).parameters}
    assert not wanted - tried
    assert len(TABLE) >= 200
