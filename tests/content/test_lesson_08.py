"""Lesson 8 against torch: the chain of classes, what each constructor adds, what is kept where, and every error quoted."""

import asyncio
import importlib.util
import random
import re
import sys
import warnings
from pathlib import Path

import pytest
import torch
import yaml
from torch import nn
from torch.nn import functional as F
from torch.nn.modules.loss import _Loss, _WeightedLoss

from tutor.client import Kernel
from tutor.lesson import Note, Table, Value
from tutor.protocol import Finished
from tutor.protocol.trace import Go
from tutor.stepping.groups import GROUPS
from tutor.stepping.journal import Journal, calls, entries, steps_in_words
from tutor.stepping.recording import Recording

FOLDER = Path(__file__).parents[2] / "lessons" / "08_loss_is_a_module"
LESSON = yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in LESSON["steps"]}
WEIGHTS, X, Y = torch.tensor([1.0, 2.0]), torch.tensor([[1.0, 2.0]]), torch.tensor([0])


def module(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


async def stepped(step):
    """The code of a step, recorded to its end in the real kernel."""
    recording = Recording(step["snippet"], step.get("setup", ""), 0, torch.__version__)
    kernel = Kernel()
    await kernel.start()
    try:
        async for emission in kernel.trace(recording.snippet, recording.setup, go=Go("end")):
            recording.take(emission)
    finally:
        await kernel.close()
    return recording


@pytest.fixture(scope="module")
def recordings():
    return {name: asyncio.run(stepped(STEPS[name])) for name in ("construct", "call", "post-mortem")}


def in_order(wanted, names):
    """Whether `wanted` stand in `names` in this order, whatever is between them."""
    rest = iter(names)
    return all(name in rest for name in wanted)


def test_the_code_of_the_steps_ends_as_it_is_meant_to(recordings):
    assert isinstance(recordings["construct"].ended, Finished) and isinstance(
        recordings["call"].ended, Finished
    )
    failed = recordings["post-mortem"]
    assert failed.ended.type == STEPS["post-mortem"]["raises"]
    raised = failed.raised
    assert failed.code(raised).qualname == "Module.__getattr__"
    asking = [failed.codes[frame.code].qualname for frame in failed.stack(raised)]
    assert in_order(["Module._call_impl", "Module._wrapped_call_impl"], asking)
    assert STEPS["post-mortem"]["setup"] in STEPS["no-super"]["given"]


# The chain ----------------------------------------------------------------------------------------------------


def test_the_constructors_that_are_entered_are_those_of_the_mro(recordings):
    names = [call.qualname for call in calls(recordings["construct"])]
    constructors = [name for name in names if name.endswith(".__init__")]
    mro = [cls.__name__ for cls in nn.CrossEntropyLoss.__mro__]
    assert constructors == [f"{name}.__init__" for name in mro[:-1]]
    assert [line["text"] for line in STEPS["predict-chain"]["lines"]] == mro


@pytest.mark.parametrize("question", ["classes", "functions", "call-chain"])
def test_what_a_question_asks_for_is_entered_in_its_order(recordings, question):
    step = STEPS[question]
    recording = recordings[step["trace"]]
    asked = [each["text"] for each in step["steps"]]
    firsts = list(dict.fromkeys(call.qualname for call in calls(recording)))
    assert in_order(asked, firsts), firsts
    for mistake in step["mistakes"]:
        assert mistake["text"] not in firsts, "it is entered, so it is no mistake"


def test_homework_1_asks_for_every_python_function_but_the_checks(recordings):
    asked = {each["text"] for each in STEPS["functions"]["steps"]}
    entered = {call.qualname for call in calls(recordings["construct"]) if call.file}
    assert {name for name in entered if not name.endswith(".__instancecheck__")} == asked


def test_the_journal_has_the_form_that_the_course_asks_for(recordings):
    found = entries(recordings["construct"], GROUPS, [])
    shown = steps_in_words([each for each in found if each.state != "hidden"])
    assert [words.en for words in shown[:4]] == [
        "Step 1: class CrossEntropyLoss, super().__init__",
        "Step 2: class _WeightedLoss, super().__init__",
        "Step 3: class _Loss, super().__init__",
        "Step 4: enters class Module, __init__",
    ]
    assert shown[0].zh == "第一步：CrossEntropyLoss 类，super().__init__"
    assert shown[3].zh == "第四步：进入 Module 类，__init__"


def test_self_gets_its_first_attribute_in_module(recordings):
    recording = recordings["construct"]
    (thing,) = (each for each in recording.things.values() if each.mro[0] == "CrossEntropyLoss")
    appeared = {}
    for at, step in enumerate(recording.events):
        for change in step.changes:
            if change.owner == thing.id:
                appeared.setdefault(change.name, recording.code(at).qualname)
    names = list(appeared)
    assert names[0] == "training" and appeared["training"] == "Module.__init__"
    assert names[:17] == list(vars(nn.Module()))
    assert names[17:] == ["reduction", "ignore_index", "label_smoothing"]


def test_the_slot_leaves_no_frame_and_setattr_is_entered_for_three_attributes(recordings):
    in_module = [c for c in calls(recordings["construct"]) if c.called_by == "Module.__init__"]
    assert not [c for c in in_module if "setattr" in c.qualname]
    setattrs = [c for c in calls(recordings["construct"]) if c.qualname == "Module.__setattr__"]
    assert [c.called_by for c in setattrs] == ["_Loss.__init__"] + ["CrossEntropyLoss.__init__"] * 2
    assert type(object.__setattr__).__name__ == "wrapper_descriptor"
    assert nn.Module.__mro__[1] is object
    assert nn.Module.call_super_init is False


def test_hasattr_enters_getattr(recordings):
    chain = [(c.qualname, c.called_by) for c in calls(recordings["construct"])]
    assert ("Module.__getattr__", "Module.register_buffer") in chain
    forward = [c for c in calls(recordings["call"]) if c.qualname == "Module.__getattr__"]
    assert [c.called_by for c in forward] == ["CrossEntropyLoss.forward"], "self.weight is a buffer"
    with pytest.raises(AttributeError, match=r"^'CrossEntropyLoss' object has no attribute 'wieght'$"):
        nn.CrossEntropyLoss().wieght  # noqa: B018


def test_the_call_goes_on_in_c_with_the_reduction_as_a_number(recordings):
    assert nn.Module.__call__ is nn.Module._wrapped_call_impl
    names = [call.qualname for call in calls(recordings["call"])]
    assert names[0] == "Module._wrapped_call_impl"
    assert names[-1] == "torch._C._nn.cross_entropy_loss"
    assert not {"log_softmax", "nll_loss"} & set(names)
    enum = torch.nn._reduction.get_enum
    assert [enum(word) for word in ("none", "mean", "sum")] == [0, STEPS["enum"]["answer"], 2]


def test_a_journal_is_complete_when_the_learner_was_everywhere(recordings):
    recording = recordings["construct"]
    everywhere = range(len(recording.events))
    assert Journal.of(recording, GROUPS, everywhere).complete
    assert not Journal.of(recording, GROUPS, [0, 1]).complete


# What is kept where -------------------------------------------------------------------------------------------


def test_module_sets_seventeen_attributes_of_the_types_in_the_table():
    kinds = [type(value).__name__ for value in vars(nn.Module()).values()]
    assert len(kinds) == 17
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "bool": 1,
        "dict": 3,
        "set": 1,
        "OrderedDict": 11,
        "NoneType": 1,
    }
    assert {n for n, v in vars(nn.Module()).items() if type(v) is dict} == {
        "_parameters",
        "_buffers",
        "_modules",
    }
    assert nn.Module().training is True and nn.Module()._is_full_backward_hook is None


def test_the_losses_add_what_the_text_says():
    loss = nn.CrossEntropyLoss()
    assert set(vars(loss)) - set(vars(nn.Module())) == {"reduction", "ignore_index", "label_smoothing"}
    assert loss._buffers == {"weight": None} and loss.state_dict() == {}
    assert nn.NLLLoss.__base__ is nn.BCELoss.__base__ is nn.MultiMarginLoss.__base__ is _WeightedLoss
    assert nn.L1Loss.__base__ is _Loss
    assert "forward" not in vars(_Loss) and not issubclass(nn.CrossEntropyLoss, nn.NLLLoss)


def test_the_three_ways_to_keep_a_tensor_differ_as_in_the_table():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = torch.ones(2)
            self.register_buffer("b", torch.ones(2))
            self.c = nn.Parameter(torch.ones(2))

    own = Own()
    assert set(own.state_dict()) == {"b", "c"}
    assert [name for name, _ in own.named_parameters()] == ["c"]
    own.double()
    assert [own.a.dtype, own.b.dtype, own.c.dtype] == [torch.float32, torch.float64, torch.float64]


def test_the_weight_of_a_loss_is_a_buffer_and_follows_it():
    loss = nn.CrossEntropyLoss(weight=WEIGHTS)
    assert list(loss.state_dict()) == ["weight"] and list(loss.parameters()) == []
    assert "weight" not in vars(loss) and loss.weight.requires_grad is False
    assert loss.double().weight.dtype is torch.float64
    with pytest.raises(RuntimeError, match="expected scalar type Float but found Double"):
        nn.CrossEntropyLoss(weight=WEIGHTS.double())(X, Y)


def test_forward_called_directly_leaves_out_the_hooks_and_nothing_else():
    loss, heard = nn.CrossEntropyLoss(), []
    loss.register_forward_hook(lambda *told: heard.append(told))
    inputs = X.clone().requires_grad_()
    assert loss.forward(inputs, Y) == F.cross_entropy(X, Y) and heard == []
    assert loss.forward(inputs, Y).requires_grad
    assert loss(inputs, Y) == F.cross_entropy(X, Y) and len(heard) == 1


def test_a_word_that_is_no_reduction_is_refused_only_by_the_call():
    loss = nn.CrossEntropyLoss(reduction="avg")
    with pytest.raises(ValueError, match=r"^avg is not a valid value for reduction$"):
        loss(X, Y)


def test_size_average_alone_decides_and_warns_as_quoted():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert nn.CrossEntropyLoss(size_average=False, reduction="mean").reduction == "sum"
    assert str(said[0].message) in STEPS["deprecated"]["solution"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert nn.CrossEntropyLoss(reduce=False).reduction == "none"
        assert nn.CrossEntropyLoss(size_average=True).reduction == "mean"


# super().__init__() forgotten ---------------------------------------------------------------------------------

LATE = [
    ("nn.Parameter", lambda self: setattr(self, "w", nn.Parameter(WEIGHTS))),
    ("nn.Linear", lambda self: setattr(self, "fc", nn.Linear(2, 2))),
    ("register_buffer", lambda self: self.register_buffer("w", WEIGHTS)),
]


@pytest.mark.parametrize(("first", "do"), LATE, ids=[first for first, _ in LATE])
def test_each_error_of_the_table_is_torchs_own(first, do):
    class Own(nn.Module):
        def __init__(self):
            do(self)

    with pytest.raises(AttributeError) as raised:
        Own()
    assert f"| `{first}` | `{raised.value}` |" in STEPS["errors"]["body"]


def test_a_plain_value_goes_through_and_the_call_fails_as_the_question_says():
    space = {"nn": nn, "torch": torch}
    built, called = re.split(r"\nloss_fn\(", STEPS["no-super"]["given"])
    exec(built, space)
    with pytest.raises(AttributeError) as raised:
        exec(f"loss_fn({called}", space)
    assert f"`{raised.value}`" in STEPS["no-super"]["options"][0]["text"]
    with pytest.raises(AttributeError, match="_modules"):
        print(space["loss_fn"])


# The lab and the generators -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LESSON["labs"]["registries"]["controls"]["module"]["options"])
@pytest.mark.parametrize("double", [False, True])
def test_the_lab_says_of_every_module_what_torch_says(name, double):
    lab = module("registries")
    told = list(lab.run(name, double))
    built = lab.MODULES[name]()
    values = {each.name: each.value for each in told if isinstance(each, Value)}
    assert values == {
        "attributes": len(vars(built)),
        "state_dict": len(built.state_dict()),
        "parameters": len(list(built.parameters())),
        "buffers": len(list(built.buffers())),
    }
    rows = {row[0]: row[1:] for row in next(t for t in told if isinstance(t, Table)).rows}
    moved = "float64" if double else "float32"
    if name == "OneOfEach()":
        assert rows["plain"] == ["__dict__", "float32", "-"]
        assert rows["buffer"] == ["_buffers", moved, "saved"]
        assert rows["passing"] == ["_buffers", moved, "-"]
        assert rows["parameter"] == ["_parameters", moved, "trained"]
        assert any("stayed float32" in each.text for each in told if isinstance(each, Note)) is double
    if name == "CrossEntropyLoss(weight)":
        assert rows == {"weight": ["_buffers", moved, "saved"]}


def test_saved_entries_is_what_the_shown_class_saves():
    for seed in range(300):
        variant = module("variants").saved_entries(random.Random(seed))
        space = {"nn": nn, "torch": torch}
        prompt = STEPS["saved-again"]["prompt"].format(**variant.fields, answer=variant.answer)
        exec(re.search(r"```python\n(.*?)```", prompt, re.DOTALL)[1], space)
        assert variant.answer == len(space["Own"]().state_dict())


def test_constructors_is_what_is_entered_of_the_shown_classes():
    variants, answers = module("variants"), set()
    for seed in range(300):
        variant = variants.constructors(random.Random(seed))
        space = {"nn": nn, "torch": torch}
        exec(variant.fields["code"], space)
        # By the classes alone, without running anything: those with an __init__, as far as Module.
        mro = space[variant.fields["last"]].__mro__
        assert variant.answer == sum("__init__" in vars(cls) for cls in mro[:-1])
        answers.add(variant.answer)
    assert len(answers) > 3
    assert sys.getprofile() is None
