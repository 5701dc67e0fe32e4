"""Lesson 6: the net learns what the text says, the photos are read with care, and every figure comes from torch."""

import importlib.util
import itertools
import json
import math
import random
import re
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
import yaml
from torch import nn

from tutor.lesson import Note, Picture, Point, Progress, Table, Value

FOLDER = Path(__file__).parents[2] / "lessons" / "06_banknotes"
ENGLISH = yaml.safe_load((FOLDER / "lesson.yaml").read_text(encoding="utf-8"))
CHINESE = yaml.safe_load((FOLDER / "zh.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in ENGLISH["steps"]}
QUESTIONS = [step for step in ENGLISH["steps"] if step["kind"] == "question"]
INPUTS, TARGET = torch.tensor([[1.0, 2.0], [1.0, 3.0], [1.0, 3.0]]), torch.tensor([0, 1, 1])


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NOTES, ENTROPY, VARIANTS = load("banknotes"), load("cross_entropy"), load("variants")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def defaults(lab):
    controls = ENGLISH["labs"][lab]["controls"]
    return {
        name: control.get("default", {"seed": 1, "folder": ""}.get(name))
        for name, control in controls.items()
    }


class Ran:
    """What one run of a lab yielded, by name."""

    def __init__(self, lab="banknotes", **settings):
        run = {"banknotes": NOTES, "cross_entropy": ENTROPY}[lab].run
        self.yielded = list(run(**defaults(lab) | settings))
        self.values = {e.name: e.value for e in self.yielded if isinstance(e, Value)}
        self.pictures = [e for e in self.yielded if isinstance(e, Picture)]
        self.tables = [e for e in self.yielded if isinstance(e, Table)]
        self.notes = [e for e in self.yielded if isinstance(e, Note)]

    def points(self, series):
        return [(e.x, e.y) for e in self.yielded if isinstance(e, Point) and e.series == series]


@pytest.fixture(scope="module")
def trained():
    return Ran()


# Training -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_an_untrained_net_costs_ln_2_within_what_the_question_accepts(seed):
    loss = Ran(epochs=1, lr=0.0, seed=seed).values["untrained_loss"]
    assert loss == pytest.approx(math.log(2), rel=STEPS["untrained"]["tolerance"])


def test_the_default_run_learns_and_tells_how_it_does(trained):
    losses = trained.points("train_loss")
    assert [x for x, _ in losses] == list(range(1, 501))
    assert losses[0][1] == pytest.approx(math.log(2), abs=0.05)
    assert trained.points("valid_loss")[0] == (0, trained.values["untrained_loss"])
    assert [x for x, _ in trained.points("valid_loss")] == list(range(0, 501, 25))
    assert [x for x, _ in trained.points("train_accuracy")] == list(range(25, 501, 25))
    assert trained.points("valid_accuracy")[0][1] == pytest.approx(0.5, abs=0.15)
    assert trained.values["valid_accuracy"] > 0.95 and trained.values["valid_loss"] < 0.15
    assert trained.values["grey_accuracy"] > 0.9 and trained.values["test_accuracy"] > 0.95
    assert trained.values["lowest_loss"] == min(y for _, y in losses)
    progress = [e for e in trained.yielded if isinstance(e, Progress)]
    assert progress[-1] == Progress(500, 500) and [e.done for e in progress] == list(range(1, 501))


def test_every_series_and_value_has_a_label(trained):
    lab = ENGLISH["labs"]["banknotes"]
    assert set(trained.values) == set(lab["values"])
    assert {e.series for e in trained.yielded if isinstance(e, Point)} == set(lab["series"])
    few = Ran("cross_entropy")
    assert set(few.values) == set(ENGLISH["labs"]["cross_entropy"]["values"])
    assert {e.series for e in few.yielded if isinstance(e, Point)} == {"p", "q"}


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    one, again, other = (Ran(epochs=1, seed=seed).yielded for seed in (1, 1, 2))
    assert one == again and one != other


def test_the_pictures_say_what_the_net_answered_and_agree_with_the_table():
    run = Ran(epochs=4)
    ((table),) = run.tables
    assert [row[0] for row in table.rows] == ["1", "100"]
    assert [sum(row[1:]) for row in table.rows] == [100, 100]
    right = (table.rows[0][1] + table.rows[1][2]) / 200
    assert right == pytest.approx(run.values["test_accuracy"]) and right < 1
    assert 4 <= len(run.pictures) <= 6 and len({picture.name for picture in run.pictures}) == len(
        run.pictures
    )
    told = []
    for picture in run.pictures:
        assert len(picture.rows) == 32 and all(len(row) == 32 for row in picture.rows)
        assert all(0 <= cell <= 1 for row in picture.rows for cell in row)
        note, answer, p, verdict = re.fullmatch(
            r"(1|100) yuan\. The net says (1|100) with p = (\d\.\d+): (right|wrong)\.", picture.text
        ).groups()
        assert (note == answer) is (verdict == "right") and 0.5 <= float(p) <= 1
        assert all(
            part in picture.zh for part in (note, answer, p, {"right": "正确", "wrong": "错误"}[verdict])
        )
        told.append(verdict)
    assert told[0] == "wrong" and told[-1] == "right"


def test_a_net_that_never_saw_grey_fails_on_grey_though_its_curves_look_well(trained):
    run = Ran(**STEPS["grey"]["set"], epochs=8)
    assert run.values["valid_accuracy"] > 0.95
    assert run.values["grey_accuracy"] < 0.7 < trained.values["grey_accuracy"]
    assert run.values["train_accuracy"] > 0.95, "both sets end near 1"
    half = len(run.points("train_loss")) // 2
    assert sum(y for _, y in run.points("train_loss")[:half]) < sum(
        y for _, y in trained.points("train_loss")[:half]
    ), "it learns faster"


def test_a_softmax_at_the_end_stops_the_loss_at_the_floor_and_hardly_the_accuracy():
    run = Ran(**STEPS["twice-lab"]["set"])
    floor = STEPS["twice"]["answer"]
    assert floor <= run.values["lowest_loss"] < floor + 0.02
    assert min(y for _, y in run.points("valid_loss")) >= floor
    assert run.values["valid_accuracy"] > 0.9


def test_the_smoothed_training_loss_stays_above_its_floor_and_validation_is_not_smoothed():
    run = Ran(label_smoothing=0.1, epochs=12)
    assert run.values["lowest_loss"] >= STEPS["floor"]["answer"] - 1e-6
    assert run.values["valid_loss"] < STEPS["floor"]["answer"]


def test_the_course_initialization_leaves_the_guess_sooner(trained):
    def left(run):
        return next(x for x, y in run.points("valid_loss") if y < 0.5)

    assert left(Ran(init="course", epochs=8)) < left(trained)


def test_lenet_is_the_courses_and_its_init_fills_what_it_says():
    torch.manual_seed(1)
    net = NOTES.lenet("course", False)
    assert sum(p.numel() for p in net.parameters()) == 61326
    assert "61,326" in NOTES.lenet.__doc__
    assert net(torch.zeros(4, 3, 32, 32)).shape == (4, 2)
    stds = {name: p.std().item() for name, p in net.named_parameters() if name.endswith("weight")}
    expected = [math.sqrt(2 / (75 + 150)), math.sqrt(2 / (150 + 400)), 0.1, 0.1, 0.1]
    assert list(stds.values()) == pytest.approx(expected, rel=0.15)
    assert all(not p.any() for name, p in net.named_parameters() if name.endswith("bias"))
    sure = NOTES.lenet("default", True)(torch.randn(4, 3, 32, 32))
    assert torch.allclose(sure.sum(1), torch.ones(4))


# The notes and the transforms -----------------------------------------------------------------------------


def test_colour_tells_the_notes_apart_and_brightness_does_not():
    torch.manual_seed(3)
    images, target = NOTES.draw(400)
    assert images.shape == (400, 3, 32, 32) and images.min() >= 0 and images.max() < 1.0001
    assert target.bincount().tolist() == [200, 200]
    red = (images[:, 0] - images[:, 1]).mean(dim=(1, 2))
    assert ((red > 0).long() == target).float().mean() > 0.9
    bright = NOTES.greyed(images)[:, 0].mean(dim=(1, 2))
    threshold = bright.median()
    assert abs(((bright < threshold).long() == target).float().mean() - 0.5) < 0.15


def test_transforms_are_their_formulas():
    torch.manual_seed(1)
    x = torch.rand(5, 3, 32, 32)
    grey = 0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]
    assert all(torch.allclose(NOTES.greyed(x)[:, c], grey) for c in range(3))
    for c, (mean, std) in enumerate([(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]):
        assert torch.allclose(NOTES.normalized(x)[:, c], (x[:, c] - mean) / std, atol=1e-6)
    checked = torch.arange(96).remainder(2).float().expand(1, 3, 48, 96)
    assert NOTES.resized(checked)[..., 1:-1].std() < 0.1, (
        "antialiased: stripes finer than a pixel become grey"
    )
    seen = set()
    for one, cut in zip(x.repeat(40, 1, 1, 1), NOTES.cropped(x.repeat(40, 1, 1, 1)), strict=True):
        wide = F.pad(one, (4, 4, 4, 4))
        places = [
            (r, c)
            for r, c in itertools.product(range(9), range(9))
            if torch.equal(wide[:, r : r + 32, c : c + 32], cut)
        ]
        assert len(places) == 1
        seen.update(places)
    assert len(seen) > 60 and {r for r, _ in seen} == {c for _, c in seen} == set(range(9))


# Photos of one's own --------------------------------------------------------------------------------------


def save(folder, images, suffix="png", size=(96, 48)):
    """Write images, (n, 3, h, w), as files below `folder`."""
    image = pytest.importorskip("PIL.Image")
    folder.mkdir(parents=True, exist_ok=True)
    for k, one in enumerate(images):
        pixels = (one * 255).byte().permute(1, 2, 0).flatten().tolist()
        image.frombytes("RGB", one.shape[:0:-1], bytes(pixels)).resize(size).save(folder / f"{k:02}.{suffix}")


@pytest.fixture
def own(tmp_path):
    """A folder with 10 notes of each class."""
    torch.manual_seed(1)
    images, target = NOTES.draw(20)
    for k, name in enumerate(NOTES.CLASSES):
        save(tmp_path / "train" / name, images[target == k], "jpg" if k else "png")
    return tmp_path


def read(folder):
    """The notes of reading the folder, and the sets."""
    notes = []
    reading = NOTES.own_sets(folder)
    while True:
        try:
            notes.append(next(reading))
        except StopIteration as end:
            return notes, end.value


def refused(folder):
    """The one note before a folder is refused, and the error."""
    notes = []
    with pytest.raises(NOTES.Unusable) as error:
        for message in NOTES.run(**defaults("banknotes") | {"folder": str(folder)}):
            notes.append(message)
    assert all(isinstance(note, Note) and note.zh for note in notes)
    assert notes[-1].text == str(error.value)
    return notes[-1]


def test_own_photos_are_learned_from_and_a_fifth_is_kept_back(own):
    run = Ran(folder=str(own), epochs=1, batch=4)
    assert len(run.points("train_loss")) == 4, "16 of 20 photos are left, 4 batches of 4"
    assert "4 of those below train/ are kept back" in run.notes[0].text and "4 张" in run.notes[0].zh
    _, sets = read(own)
    assert sets["valid"][1].bincount().tolist() == [2, 2] and sets["train"][1].bincount().tolist() == [8, 8]
    assert sets["test"] is sets["valid"]
    together = torch.cat([sets["train"][0], sets["valid"][0]])
    assert len(together.unique(dim=0)) == 20, "no photo is in both"


def test_photos_keep_their_colours_and_their_class(own):
    torch.manual_seed(1)
    images, _ = NOTES.draw(20)
    _, sets = read(own)
    assert (sets["train"][0][0] - images[2]).abs().mean() < 0.1, "the first one of class 1 is kept back"
    assert torch.equal(sets["train"][1], torch.tensor([0] * 8 + [1] * 8))


def test_validation_and_test_folders_are_used_where_they_are(own):
    torch.manual_seed(2)
    save(own / "valid" / "1", torch.rand(3, 3, 40, 60))
    save(own / "test" / "100", torch.rand(2, 3, 40, 60), "JPG")
    notes, sets = read(own)
    assert notes == []
    assert [len(sets[name][1]) for name in ("train", "valid", "test")] == [20, 3, 2]


def test_what_cannot_be_used_is_named_and_left_out(own):
    (own / "train" / "1" / "broken.jpg").write_bytes(b"no image at all")
    whole = (own / "train" / "100" / "00.jpg").read_bytes()
    (own / "train" / "100" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    save(own / "train" / "1" / "sub", torch.rand(1, 3, 20, 60), size=(60, 20))
    (own / "train" / "1" / "sub" / "00.png").rename(own / "train" / "1" / "tiny.png")
    (own / "train" / "100" / "folder.jpg").mkdir()
    (own / "train" / "100" / "readme.txt").write_text("not an image, and not named like one")
    notes, sets = read(own)
    for name in ("train/1/broken.jpg", "train/100/cut.jpg", "train/1/tiny.png", "train/100/folder.jpg"):
        (about,) = [note for note in notes if name in note.text]
        assert name in about.zh and "已略过" in about.zh and str(own) not in about.text
    (tiny,) = [note for note in notes if "tiny.png" in note.text]
    assert "60 x 20" in tiny.text and "32" in tiny.text
    assert not any("readme" in note.text for note in notes)
    assert len(sets["train"][1]) + len(sets["valid"][1]) == 20


def test_a_photo_taken_upright_is_turned_as_its_camera_says(own):
    image = pytest.importorskip("PIL.Image")
    lying = image.new("RGB", (96, 48), (255, 0, 0))
    lying.paste((0, 0, 255), (0, 0, 48, 48))  # blue on the left
    exif = lying.getexif()
    exif[0x0112] = 6  # turned by 90 degrees: the camera was held upright
    lying.transpose(image.Transpose.ROTATE_90).save(own / "train" / "1" / "turned.png", exif=exif)
    _, sets = read(own)
    last = sets["valid"][0][sets["valid"][1] == 0][-1]  # the eleventh of its class: kept back
    assert last[2, :, :10].mean() > 0.9 and last[0, :, -10:].mean() > 0.9


def test_a_folder_that_is_not_there_is_said(tmp_path):
    note = refused(tmp_path / "nowhere")
    assert "nowhere" in note.text and "train/100" in note.text and "没有目录" in note.zh


def test_too_few_images_of_a_class_are_said(own):
    for file in sorted((own / "train" / "100").iterdir())[1:]:
        file.unlink()
    note = refused(own)
    assert "train/1 has 10, train/100 has 1" in note.text and "1 张" in note.zh
    assert "train/1 has 0, train/100 has 0" in refused(own / "train").text


def test_missing_pillow_is_said_with_the_way_to_get_it(own, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    note = refused(own)
    command = 'python -m pip install "torch-tutor[images]"'
    assert command in note.text and command in note.zh
    assert command in STEPS["own"]["body"]


# One sample -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("logits", "target", "smoothing"),
    [
        ([0.0, 1.0, 2.0], 0, 0.0),
        ([10.0, 11.0, 12.0], 0, 0.0),
        ([1.0, 2.0], 1, 0.1),
        ([3.0, -4.0, 0.5, 0.5], 3, 1.0),
    ],
)
def test_one_sample_by_hand_is_torchs(logits, target, smoothing):
    run = Ran("cross_entropy", logits=logits, target=target, label_smoothing=smoothing)
    loss = F.cross_entropy(torch.tensor(logits), torch.tensor(target), label_smoothing=smoothing).item()
    for name in ("loss", "by_hand", "naive"):
        assert run.values[name] == pytest.approx(loss, rel=1e-5)
    rows = run.tables[0].rows
    assert [row[0] for row in rows] == list(range(len(logits)))
    assert [row[3] for row in rows] == pytest.approx(torch.tensor(logits).softmax(0).tolist(), rel=1e-5)
    assert sum(row[5] for row in rows) == pytest.approx(1)
    assert sum(row[6] for row in rows) == pytest.approx(loss, rel=1e-5)
    assert [y for _, y in run.points("q")] == [row[5] for row in rows]


def test_one_sample_stays_a_number_where_exp_overflows():
    fits = Ran("cross_entropy", logits=[0, 40, 80], target=0).values
    assert fits["loss"] == fits["by_hand"] == 80 and math.isfinite(fits["naive"])
    over = Ran("cross_entropy", logits=[0, 50, 100], target=0).values
    assert over["loss"] == over["by_hand"] == 100 and not math.isfinite(over["naive"])


@pytest.mark.parametrize("target", [3, -1])
def test_a_target_that_is_no_class_is_refused_in_torchs_words(target):
    run = Ran("cross_entropy", logits=[0, 1, 2], target=target)
    assert run.notes[0].text == f"Target {target} is out of bounds." and not run.values
    assert "0 to 2" in run.notes[1].text and "0 到 2" in run.notes[1].zh


# The questions --------------------------------------------------------------------------------------------


def test_there_are_enough_questions_of_the_right_kinds():
    asked = [step["ask"] for step in QUESTIONS]
    typed = [a for a in asked if a in ("number", "tensor", "text", "predict")]
    typed += [step for step in QUESTIONS if step["ask"] == "generated" and step["form"] != "choice"]
    assert len(asked) >= 10 and len(typed) * 2 >= len(asked) and asked.count("generated") >= 2
    assert all(
        "solution" in step for step in QUESTIONS if step["ask"] in ("number", "tensor", "text", "generated")
    )


def evaluated(expression):
    names = {"torch": torch, "nn": nn, "math": math, "F": F}
    value = eval(expression.strip(), names)
    return value.tolist() if isinstance(value, torch.Tensor) else value


@pytest.mark.parametrize(
    "step", [step for step in QUESTIONS if step["ask"] in ("number", "tensor")], ids=lambda step: step["id"]
)
def test_key_and_mistakes_are_what_torch_gives_and_can_be_told_apart(step):
    assert evaluated(step["verify"]) == pytest.approx(step["answer"], rel=1e-5)
    values = [step["answer"]]
    for mistake in step["mistakes"]:
        if "verify" in mistake:
            assert evaluated(mistake["verify"]) == pytest.approx(mistake["value"], rel=1e-5, abs=1e-8)
        values.append(mistake["value"])
    tolerance = step.get("tolerance", 1e-3)
    for a, b in itertools.combinations(values, 2):
        assert a != pytest.approx(b, rel=tolerance, abs=1e-9)


def test_ln_2_is_the_key_of_the_prediction_and_no_listed_mistake_is_near_it():
    step = STEPS["untrained"]
    for mistake in step["mistakes"]:
        if "verify" in mistake:
            assert evaluated(mistake["verify"]) == pytest.approx(mistake["value"], rel=1e-5)
        assert mistake["value"] != pytest.approx(math.log(2), rel=2 * step["tolerance"])


GENERATED = {step["id"]: step for step in QUESTIONS if step["ask"] == "generated"}


def drawn(step, seed):
    return getattr(VARIANTS, step["generate"].partition(":")[2])(random.Random(seed))


def key(step, fields):
    """The answer that torch gives to what the learner reads."""
    read = {
        name: json.loads(text) for name, text in fields.items() if isinstance(text, str) and text[0] == "["
    }
    match step["id"]:
        case "one-sample":
            return F.cross_entropy(torch.tensor(read["logits"]).double(), torch.tensor(fields["y"])).item()
        case "softmax-again":
            return torch.tensor(read["logits"]).double().softmax(0).tolist()
        case "smoothing-again":
            logs, e = torch.tensor(read["p"]).double().log(), float(fields["e"])
            return F.cross_entropy(logs, torch.tensor(fields["y"]), label_smoothing=e).item()
        case "soft":
            return F.cross_entropy(
                torch.tensor(read["p"]).double().log(), torch.tensor(read["q"]).double()
            ).item()
    raise AssertionError(step["id"])


@pytest.mark.parametrize("step", GENERATED.values(), ids=list(GENERATED))
def test_every_variant_has_torchs_key_and_mistakes_that_can_be_told_apart(step):
    posed = set()
    for seed in range(500):
        variant = drawn(step, seed)
        assert variant == drawn(step, seed)
        assert variant.answer == pytest.approx(key(step, variant.fields), rel=1e-6)
        assert set(variant.mistakes) == set(step["reasons"])
        values = [variant.answer, *variant.mistakes.values()]
        for a, b in itertools.combinations(values, 2):
            if step["form"] == "tensor":
                assert any(abs(x - y) > 2e-3 * max(abs(x), abs(y)) for x, y in zip(a, b, strict=True))
            else:
                assert abs(a - b) > 2 * step.get("tolerance", 1e-3) * max(abs(a), abs(b))
        posed.add(str(variant.fields))
    assert len(posed) > 30


@pytest.mark.parametrize("step", GENERATED.values(), ids=list(GENERATED))
def test_every_template_is_filled_in_both_languages(step):
    chinese = CHINESE["steps"][step["id"]]
    for seed in range(20):
        variant = drawn(step, seed)
        fields = variant.fields | {"answer": variant.answer}
        for source in (step, chinese):
            texts = [source["prompt"], source["solution"], *source["reasons"].values(), *source["hints"]]
            for text in [*texts, *([source["otherwise"]] if "otherwise" in source else [])]:
                assert not re.search(r"[{}]|\d\.\d{7}", text.format(**fields))
    assert set(chinese["reasons"]) == set(step["reasons"])


def test_solutions_of_variants_add_up():
    for seed in range(50):
        variant = drawn(STEPS["smoothing-again"], seed)
        terms = variant.fields["terms"].replace("·", "*")
        assert eval(terms) == pytest.approx(variant.answer, abs=5e-4)
        variant = drawn(STEPS["one-sample"], seed)
        fields = variant.fields
        assert eval(fields["exps"]) == pytest.approx(fields["total"], abs=2e-4)
        assert fields["exp"] / fields["total"] == pytest.approx(fields["p"])
        assert fields["log"] - float(fields["x"]) == pytest.approx(variant.answer)


def test_the_ordered_lines_train_and_validate():
    lines = [line["text"].strip("`") for line in STEPS["loop"]["lines"]]
    indents = [0, 4, 4, 4, 4, 4, 0, 4]
    torch.manual_seed(1)
    net = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    data = [(torch.randn(8, 3, 2, 2), torch.randint(0, 2, (8,))) for _ in range(4)]
    run = {
        "torch": torch,
        "net": net,
        "criterion": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.SGD(net.parameters(), lr=0.1),
        "train_loader": data,
        "images_val": data[0][0],
        "labels_val": data[0][1],
    }
    program = "\n".join(" " * indent + line for indent, line in zip(indents, lines, strict=True))
    exec(program, run)
    first = run["loss_val"].item()
    for _ in range(20):
        exec(program, run)
    assert run["loss_val"].item() < first and not run["loss_val"].requires_grad


def test_accepted_texts_do_what_the_questions_ask():
    logits = torch.zeros(8, 21, 64, 64)
    shape = eval(STEPS["shapes"]["answers"][0])
    assert F.cross_entropy(logits, torch.zeros(shape, dtype=torch.long)).item() == pytest.approx(math.log(21))
    assert F.cross_entropy(logits, torch.full((8, 21, 64, 64), 1 / 21)).isfinite()
    for mistake in STEPS["shapes"]["mistakes"]:
        with pytest.raises((RuntimeError, ValueError, IndexError)):
            F.cross_entropy(logits, torch.zeros(eval(mistake["text"]), dtype=torch.long))
    for answer in STEPS["dtype"]["answers"]:
        target = eval(answer, {"torch": torch, "target": TARGET.float()})
        assert F.cross_entropy(INPUTS, target).item() == pytest.approx(0.522373, rel=1e-5)
    for mistake in STEPS["dtype"]["mistakes"]:
        if mistake["text"] == "target.byte()":
            continue
        with pytest.raises((NameError, TypeError, ValueError, RuntimeError)):
            F.cross_entropy(INPUTS, eval(mistake["text"], {"torch": torch, "F": F, "target": TARGET.float()}))
    assert F.cross_entropy(INPUTS, TARGET.byte()).item() == pytest.approx(0.522373, rel=1e-5)


# The text -------------------------------------------------------------------------------------------------


def texts(step):
    """All that a learner reads of a step, in English and in Chinese, each on one line."""

    def strings(node):
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            yield from itertools.chain.from_iterable(map(strings, node.values()))
        elif isinstance(node, list):
            yield from itertools.chain.from_iterable(map(strings, node))

    return [re.sub(r"\s+", " ", " ".join(strings(node))) for node in (STEPS[step], CHINESE["steps"][step])]


def says(step, quote, value):
    """`quote` stands in the step in both languages, and `value` rounded to its digits is just that."""
    for text in texts(step):
        assert re.search(rf"(?<![\d.]){re.escape(quote)}(?!\d)", text), f"{quote} is not in {step}"
    digits = quote.partition(".")[2]
    assert abs(float(value) - float(quote)) <= 10.0 ** -len(digits) / 2 * 1.001, f"{quote} is {float(value)}"


def refusal(*arguments):
    """What torch says to a cross entropy that it does not take."""
    with pytest.raises((RuntimeError, IndexError, NotImplementedError)) as error:
        F.cross_entropy(*arguments)
    return str(error.value)


def test_figures_of_softmax_and_of_one_sample():
    x = torch.tensor([0.0, 1.0, 2.0])
    for quote, value in zip(["2.7183", "7.3891"], x.exp()[1:], strict=True):
        says("softmax", quote, value)
    says("softmax", "11.1073", x.exp().sum())
    for quote, value in zip(["0.0900", "0.2447", "0.6652"], x.softmax(0), strict=True):
        for step in ("softmax", "pick", "gradient"):
            says(step, quote, value)
    for quote, target in (("2.4076", 0), ("1.4076", 1), ("0.4076", 2)):
        says("pick", quote, F.cross_entropy(x, torch.tensor(target)))
    for quote, p in (("0.0101", 0.99), ("0.6931", 0.5), ("4.6052", 0.01)):
        says("pick", quote, -math.log(p))
    says("by-hand", "2.4076", Ran("cross_entropy", **STEPS["by-hand"]["set"]).values["loss"])
    says("by-hand", "1.0986", Ran("cross_entropy", logits=[0, 0, 0]).values["loss"])
    loss = F.log_softmax(INPUTS, dim=1)
    assert torch.equal(F.nll_loss(loss, TARGET), nn.CrossEntropyLoss()(INPUTS, TARGET))


def test_figures_of_the_guess():
    for quote, classes in (("0.693", 2), ("2.303", 10), ("6.908", 1000)):
        says("untrained", quote, F.cross_entropy(torch.zeros(1, classes), torch.tensor([0])))
    for quote, p in (("1.2", 0.3), ("6.9", 0.001), ("0.69", 0.5)):
        says("both", quote, -math.log(p))


def test_figures_of_large_logits():
    assert torch.tensor(88.7).exp().isfinite() and torch.tensor(88.8).exp().isinf()
    says("overflow", "1.3133", F.cross_entropy(torch.tensor([[1.0, 2.0]]), torch.tensor([0])))
    says("overflow", "1.3679", math.exp(-1) + 1)
    pair, far = torch.tensor([[1000.0, 1001.0]]), torch.tensor([[0.0, 1000.0]])
    assert torch.log(torch.softmax(pair, 1)).isfinite().all()
    assert torch.log(torch.softmax(far, 1))[0, 0] == -math.inf and far.log_softmax(1)[0, 0] == -1000
    naive = pair.exp() / pair.exp().sum()
    assert naive.isnan().all()


def test_figures_of_a_softmax_too_many():
    says("twice", "0.3133", math.log(1 + math.exp(-1)))
    says("twice", "0.7311", torch.tensor([1.0, 0.0]).softmax(0)[0])
    says("twice", "0.522373", F.cross_entropy(INPUTS, TARGET))
    says("twice", "0.572333", F.cross_entropy(INPUTS.softmax(1), TARGET))
    assert torch.allclose(INPUTS.log_softmax(1).log_softmax(1), INPUTS.log_softmax(1))
    gradients = [torch.func.grad(f)(INPUTS) for f in (
        lambda x: F.cross_entropy(x, TARGET),
        lambda x: F.cross_entropy(x.softmax(1), TARGET),
    )]  # fmt: skip
    assert gradients[1].abs().sum() < gradients[0].abs().sum()
    says("by-hand", "10", 10)


def test_figures_of_the_arguments():
    names = re.findall(r"(\w+)=", STEPS["arguments"]["body"].split("```")[1])
    assert names == ["weight", "ignore_index", "reduction", "label_smoothing"]
    loss = nn.CrossEntropyLoss()
    assert (loss.weight, loss.ignore_index, loss.reduction, loss.label_smoothing) == (None, -100, "mean", 0.0)
    with pytest.warns(UserWarning, match="deprecated"):
        assert nn.CrossEntropyLoss(size_average=False, reduction="mean").reduction == "sum"

    each = F.cross_entropy(INPUTS, TARGET, reduction="none")
    for quote, value in zip(["1.313262", "0.126928"], each, strict=False):
        says("ignore", quote, value)
    says("ignore", "0.1269", F.cross_entropy(INPUTS, TARGET, ignore_index=0))
    assert F.cross_entropy(INPUTS, torch.full((3,), -100)).isnan()

    weight = torch.tensor([1.0, 2.0])
    says("float-weight", "1.820974", F.cross_entropy(INPUTS, TARGET, weight, reduction="sum"))
    says("float-weight", "0.364195", F.cross_entropy(INPUTS, TARGET, weight))
    says("float-weight", "0.6070", F.cross_entropy(INPUTS, F.one_hot(TARGET).float(), weight))
    assert all(refusal(INPUTS, F.one_hot(TARGET)) in text for text in texts("float-weight"))


def test_figures_of_smoothing():
    q = torch.tensor([0.95, 0.05])
    assert torch.allclose(0.9 * F.one_hot(torch.tensor(0), 2) + 0.1 / 2, q)
    for quote, value in (("0.0487", -0.95 * math.log(0.95)), ("0.1498", -0.05 * math.log(0.05))):
        says("floor", quote, value)
    for quote, value in (("0.0513", -math.log(0.95)), ("2.9957", -math.log(0.05))):
        says("floor", quote, value)
    says("floor", "0.1985", -(q * q.log()).sum())
    says("smoothing", "2.944", math.log(0.95 / 0.05))
    at = [
        F.cross_entropy(torch.tensor([[d, 0.0]]), torch.tensor([0]), label_smoothing=0.1)
        for d in (2.844, 2.944, 3.044)
    ]
    assert at[1] < min(at[0], at[2])


def test_what_torch_refuses_is_quoted_in_its_own_words():
    for text in texts("dtype"):
        assert refusal(INPUTS, TARGET.float()) in text
        assert refusal(INPUTS, torch.tensor([0, 1, 2])) in text
        assert "but got Int" in text and "multi-target not supported" in text
        assert "\"log_softmax...\" not implemented for 'Long'" in text
    assert refusal(INPUTS, TARGET.int()).endswith("but got Int")
    assert refusal(INPUTS, TARGET[:, None]).endswith("multi-target not supported")
    assert re.fullmatch(r'"log_softmax\w*" not implemented for \'Long\'', refusal(TARGET, INPUTS))
    assert refusal(torch.zeros(8, 21, 4, 4), torch.zeros(8, 1, 4, 4).long()).endswith("dimension: 4")


def test_the_counts_in_the_text_are_the_labs():
    for text in texts("train"):
        for count in NOTES.COUNTS.values():
            assert str(count) in text
    lab = ENGLISH["labs"]["banknotes"]["controls"]
    assert "16" in texts("train")[0] and lab["batch"]["default"] == 16
    assert "20 epochs" in texts("train")[0] and lab["epochs"]["default"] == 20
    assert str(NOTES.SMALLEST) in texts("own")[0]
    assert lab["grey"]["default"] == 0.8 and "p = 0.8" in texts("transforms")[0]
