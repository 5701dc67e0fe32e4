"""Lesson 15 against torch: what the labs show is there, and what the text says of an optimizer is so."""

import copy
import io
import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.content.read import Read

LESSON = Read("15_optimizer")


def fresh(**settings):
    """x = 2 and its optimizer."""
    x = torch.tensor([2.0], requires_grad=True)
    return x, torch.optim.SGD([x], **{"lr": 0.01, "momentum": 0.9} | settings)


def backward(x):
    (4 * x**2).sum().backward()


def table(lab, name):
    """A table's rows by their first cell."""
    return {row[0]: row[1:] for row in lab.tables[name].rows}


# The labs -----------------------------------------------------------------------------------------------------


def test_step_shows_the_buffer_appear_at_the_first_step_and_the_tensor_stay_the_same_object():
    lab = LESSON.lab("optimizer_parts", part="step", times=3)
    first, third = table(lab, "step() 1"), table(lab, "step() 3")
    assert first["x"] == ["2", "1.84", "*"] and first["x.grad"] == ["16", "16", ""]
    assert first["buffer_x"] == ["–", "16", "*"] and first["len(state)"] == ["0", "1", "*"]
    assert third["buffer_x"] == ["29.12", "38.5984", "*"]
    assert first["id(x)"] == third["id(x)"] == third["id(g[0]['params'][0])"] and first["id(x)"][2] == ""
    x, optimizer = fresh()
    for _ in range(3):
        optimizer.zero_grad()
        backward(x)
        optimizer.step()
    assert lab.values["last_x"] == x.item()
    assert "buffer_x" not in table(LESSON.lab("optimizer_parts", part="step", momentum=0), "step() 1")


def test_zero_grad_with_none_stops_the_parameter_and_with_zeros_lets_it_roll_on():
    none = LESSON.lab("optimizer_parts", part="zero_grad")
    zeros = LESSON.lab("optimizer_parts", part="zero_grad", set_to_none=False)
    assert table(none, "zero_grad(set_to_none=True)")["x.grad"] == ["16", "None", "*"]
    assert table(zeros, "zero_grad(set_to_none=False)")["x.grad"] == ["16", "0", "*"]
    assert none.values["last_x"] == pytest.approx(1.84) and zeros.values["last_x"] == pytest.approx(1.696)
    assert table(none, "step()")["buffer_x"] == ["16", "16", ""]
    assert table(zeros, "step()")["buffer_x"] == ["16", "14.4", "*"]


def test_gradients_accumulate_and_to_forget_zero_grad_is_momentum_1():
    lab = LESSON.lab("optimizer_parts", part="accumulate", times=5)
    assert [row[1] for row in lab.tables["backward()"].rows] == [16, 32, 48, 64, 80]
    rows = lab.tables["zero_grad()"].rows
    assert [row[1] for row in rows] == pytest.approx([1.84, 1.5328, 1.102976, 0.584914, 0.020059], abs=1e-6)
    assert all(forgotten == heavy for _, forgotten, heavy in rows)


def test_a_group_that_is_added_is_the_dict_itself_filled_from_the_defaults():
    lab = LESSON.lab("optimizer_parts", part="add_param_group")
    group = table(lab, "group")
    assert group["group is g[1]"] == ["True"] and group["group['momentum']"] == ["0.9"]
    changed = table(lab, "add_param_group({'params': z, 'lr': …})")
    assert {name for name, row in changed.items() if row[2]} == {
        "id(g[1]['params'][0])", "g[1]['lr']", "g[1]['momentum']",
    }  # fmt: skip


def test_a_loaded_state_dict_brings_settings_and_buffers_along_but_no_weights():
    lab = LESSON.lab("optimizer_parts", part="state_dict", times=3)
    saved = table(lab, "state_dict()")
    assert saved["g[0]['params']"] == ["[0]"] and saved["state[0]['momentum_buffer']"] == ["38.5984"]
    loaded = table(lab, "SGD([y], lr=1.0).load_state_dict(…)")
    assert loaded["y"] == ["5", "5", ""] and loaded["g[0]['lr']"] == ["1.0", "0.01", "*"]
    assert loaded["buffer_y"] == ["–", "38.5984", "*"]


def test_the_attributes_are_all_that_there_are():
    lab = LESSON.lab("optimizer_parts", part="attributes")
    _, optimizer = fresh()
    assert [row[0] for row in lab.tables["optimizer"].rows] == list(optimizer.param_groups[0])
    shown = [row[0].replace("…", "_optimizer_") for row in lab.tables["vars(optimizer)"].rows[:-1]]
    assert all(name.startswith(said) for said, name in zip(shown, vars(optimizer), strict=True))
    assert sum("hooks" in name for name in shown) == 6
    assert lab.tables["vars(optimizer)"].rows[-1][1] == "False"


def test_in_every_order_x_goes_as_far_as_the_text_says():
    rows = table(LESSON.lab("optimizer_parts", part="order", times=3), "order")
    x, last = ({calls: row[k] for calls, row in rows.items()} for k in (0, 1))
    assert x["zero_grad, backward, step"] == x["backward, step, zero_grad"] == pytest.approx(1.162816)
    assert (last["zero_grad, backward, step"], last["backward, step, zero_grad"]) == ("12.3904", "None")
    assert x["backward, zero_grad, step"] == x["zero_grad, step, backward"] == 2
    assert x["backward, step"] < min(value for calls, value in x.items() if calls != "backward, step")
    far = LESSON.lab("optimizer_parts", part="order", times=20).tables["order"].rows[-1]
    assert abs(far[1]) > 10


def test_hooks_note_x_before_and_after_and_a_removed_one_is_silent():
    rows = LESSON.lab("optimizer_parts", part="hooks", times=3).tables["hook"].rows
    assert [row[0] for row in rows] == ["pre", "post", "post", "post"]
    assert [row[1] for row in rows] == pytest.approx([2, 1.84, 1.5488, 1.162816])


def trained(iterations, momentum=0.9):
    """The losses of the lab `resume` straight through, by a plain loop."""
    torch.manual_seed(1)
    x = torch.randn(32, 4)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5], [3.0]]) + 0.1 * torch.randn(32, 1)
    net = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=momentum)
    losses = []
    for _ in range(iterations):
        optimizer.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_a_run_that_was_stopped_goes_on_to_the_last_bit_where_both_states_are_loaded():
    lab = LESSON.lab("resume")
    assert lab.ys("straight") == lab.ys("resumed") == trained(40)
    assert lab.values["equal"] is True and lab.values["difference"] == 0


def test_without_the_optimizers_state_it_goes_another_way_but_for_momentum_0():
    lost, none = LESSON.lab("resume", keep="model"), LESSON.lab("resume", keep="model", momentum=0)
    assert lost.values["equal"] is False and lost.values["difference"] > 0.01
    parts = [a != b for a, b in zip(lost.ys("straight"), lost.ys("resumed"), strict=True)]
    assert parts.index(True) == 16  # the loss of iteration 15 is still that of the loaded weights
    assert none.values["equal"] is True
    assert LESSON.lab("resume", keep="model", stop_at=0).values["equal"] is True


# What the text says -------------------------------------------------------------------------------------------

FIGURES = [
    0.01, 0.1, 0.9, 0.5, 0.001, 2.0, 1.6, 16, 14.4, 14.72, 29.12, 1.84, 1.5488, 1.696, 1.6928, 1.68, 13.5424,
]  # fmt: skip


@pytest.mark.parametrize("step", LESSON.steps)
def test_every_decimal_in_the_text_is_a_figure_that_is_checked(step):
    assert LESSON.unknown_decimals(step, FIGURES) == []


def run(step, **names):
    """The names after the code that a question gives has run."""
    code = LESSON.steps[step]["given"].replace("...", "pass")
    names |= {"torch": torch, "nn": nn, "print": lambda *said: names.setdefault("printed", said)}
    exec(code, names)
    return names


def test_a_parameter_that_was_replaced_is_updated_by_nobody():
    names = run("same-object")
    assert names["net"].weight.item() == 1
    net = nn.Linear(1, 1)
    before = net.weight
    net.load_state_dict(nn.Linear(1, 1).state_dict())
    assert net.weight is before


def test_the_code_of_the_questions_prints_the_answers():
    assert run("empty")["printed"] == (LESSON.steps["empty"]["answer"],)
    assert run("thrice")["printed"][0].item() == LESSON.steps["thrice"]["answer"]
    x, z = torch.tensor([2.0], requires_grad=True), torch.tensor([1.0], requires_grad=True)
    assert run("unknown-key", x=x, z=z)["printed"] == (LESSON.steps["unknown-key"]["answer"],)
    assert run("load-lr", x=x, z=z)["printed"] == (LESSON.steps["load-lr"]["answer"],)
    x, optimizer = fresh(momentum=0)
    assert run("closure", x=x, optimizer=optimizer)["loss"].item() == LESSON.steps["closure"]["answer"]
    assert x.item() == pytest.approx(1.84) and optimizer.step() is None


def test_a_gradient_cleared_before_the_step_moves_nothing_and_raises_nothing():
    x, optimizer = fresh()
    run("wrong-order", x=x, optimizer=optimizer)
    assert x.item() == 2 and len(optimizer.state) == 0


def test_a_state_dict_is_no_snapshot_of_the_buffers_but_one_of_the_settings():
    x, optimizer = fresh()
    backward(x)
    optimizer.step()
    live = optimizer.state_dict()
    kept, file = copy.deepcopy(live), io.BytesIO()
    torch.save(live, file)
    optimizer.param_groups[0]["lr"] = 0.02
    optimizer.zero_grad()
    backward(x)
    optimizer.step()
    file.seek(0)
    buffers = [each["state"][0]["momentum_buffer"].item() for each in (live, kept, torch.load(file))]
    assert buffers == pytest.approx([29.12, 16, 16]) and live["param_groups"][0]["lr"] == 0.01


def test_the_number_of_keys_and_where_an_eleventh_comes_from():
    x, optimizer = fresh()
    assert len(optimizer.param_groups[0]) == 10 and len(optimizer.defaults) == 9
    torch.optim.lr_scheduler.StepLR(optimizer, 1)
    assert set(optimizer.param_groups[0]) - set(fresh()[1].param_groups[0]) == {"initial_lr"}
    named = torch.optim.SGD([("x", x)], lr=0.1).param_groups[0]
    assert set(named) - set(fresh()[1].param_groups[0]) == {"param_names"}


def test_a_scheduler_counts_steps_and_an_optimizer_does_not():
    _, optimizer = fresh()
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    assert hasattr(scheduler, "_step_count") and not hasattr(optimizer, "_step_count")


def test_step_reads_the_group_and_never_the_defaults():
    x, optimizer = fresh(momentum=0)
    optimizer.defaults["lr"] = 5.0
    backward(x)
    optimizer.step()
    assert x.item() == pytest.approx(1.84)
    optimizer.param_groups[0]["lr"] = 0.02
    optimizer.step()
    assert x.item() == pytest.approx(1.84 - 0.02 * 16)


def test_a_group_added_later_is_not_checked_and_a_tensor_is_in_one_group_only():
    x, optimizer = fresh()
    optimizer.add_param_group({"params": [torch.zeros(1)], "lr": -1.0})
    with pytest.raises(ValueError, match="Invalid learning rate"):
        torch.optim.SGD([x], lr=-1.0)
    quoted = re.search(r"`(some parameters.+?)`", LESSON.steps["groups-lab"]["body"], re.DOTALL)[1]
    with pytest.raises(ValueError, match=" ".join(quoted.split())):
        optimizer.add_param_group({"params": [x]})


def test_adams_first_step_after_its_state_is_lost_is_as_long_as_the_very_first():
    x = torch.tensor([2.0], requires_grad=True)
    optimizer = torch.optim.Adam([x], lr=0.01)
    for _ in range(500):
        optimizer.zero_grad()
        backward(x)
        optimizer.step()
    end, small = x.item(), x.detach().clone().requires_grad_()
    optimizer.step()
    restarted = torch.optim.Adam([small], lr=0.01)
    backward(small)
    restarted.step()
    assert abs(small.item() - end) == pytest.approx(0.01, rel=1e-3) and abs(x.item() - end) < 0.005
