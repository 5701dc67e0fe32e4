"""A LeNet learns to tell 1 yuan from 100 yuan with nn.CrossEntropyLoss, on drawn notes or on photos of your own."""

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from tutor.lesson import Note, Picture, Point, Progress, Table, Value

CLASSES = ("1", "100")
COUNTS = {"train": 400, "valid": 100, "test": 200}  # drawn notes, half of them of each class


def run(epochs, lr, momentum, batch, label_smoothing, grey, init, softmax, seed, folder):
    """Train on one set, watch a second one, and show a few notes of a third."""
    torch.manual_seed(seed)
    if folder:
        sets = yield from own_sets(Path(folder).expanduser())
    else:
        sets = {name: draw(n) for name, n in COUNTS.items()}
    images, target = sets["train"]  # (N, 3, 32, 32), values 0 to 1; (N,), 0 for 1 yuan and 1 for 100

    net = lenet(init, softmax)
    criterion = nn.CrossEntropyLoss(label_smoothing=label_smoothing)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=momentum)
    valid_loss, valid_accuracy = judged(net, *sets["valid"])
    yield Point("valid_loss", 0, valid_loss)
    yield Point("valid_accuracy", 0, valid_accuracy)
    yield Value("untrained_loss", valid_loss)

    done, lowest, steps = 0, math.inf, math.ceil(len(target) / batch)
    for _ in range(epochs):
        correct = 0
        for chosen in torch.randperm(len(target)).split(batch):
            x, y = cropped(images[chosen]), target[chosen]
            coin = torch.rand(len(y), 1, 1, 1) < grey
            x = normalized(torch.where(coin, greyed(x), x))

            optimizer.zero_grad()  # forget the gradients of the last step
            logits = net(x)  # (batch, 2)
            loss = criterion(logits, y)  # softmax, log, pick, average
            loss.backward()
            optimizer.step()

            correct += (logits.argmax(1) == y).sum().item()
            done += 1
            lowest = min(lowest, loss.item())
            yield Point("train_loss", done, loss.item())
            yield Progress(done, epochs * steps)
        yield Point("train_accuracy", done, correct / len(target))
        valid_loss, valid_accuracy = judged(net, *sets["valid"])
        yield Point("valid_loss", done, valid_loss)
        yield Point("valid_accuracy", done, valid_accuracy)

    yield Value("train_accuracy", correct / len(target))
    yield Value("lowest_loss", lowest)
    yield Value("valid_loss", valid_loss)
    yield Value("valid_accuracy", valid_accuracy)
    yield Value("grey_accuracy", judged(net, greyed(sets["valid"][0]), sets["valid"][1])[1])
    yield from shown(net, *sets["test"])


def lenet(init, softmax):
    """The course's net: 61,326 weights and biases for images of (3, 32, 32)."""
    net = nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2),  # (3, 32, 32) -> (6, 28, 28) -> (6, 14, 14)
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),  # -> (16, 10, 10) -> (16, 5, 5)
        nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.ReLU(),
        nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 2),  # two logits: the softmax is part of the loss
    )  # fmt: skip
    for m in net if init == "course" else ():
        if isinstance(m, nn.Conv2d):
            nn.init.xavier_normal_(m.weight)
            nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, 0, 0.1)
            nn.init.zeros_(m.bias)
    return net.append(nn.Softmax(dim=1)) if softmax else net


@torch.no_grad()
def judged(net, images, target):
    """The mean cross entropy, and the share of right answers: the class with the largest logit."""
    logits = net(normalized(images))
    return F.cross_entropy(logits, target).item(), (logits.argmax(1) == target).double().mean().item()


@torch.no_grad()
def shown(net, images, target):
    """Which class is taken for which, and a few notes: first those that the net gets wrong, the surest of them first."""
    logits = net(normalized(images))
    p = logits if isinstance(net[-1], nn.Softmax) else logits.softmax(dim=1)
    sure, says = p.max(dim=1)
    right = says == target
    yield Value("test_accuracy", right.double().mean().item())
    counts = [[((target == a) & (says == b)).sum().item() for b in (0, 1)] for a in (0, 1)]
    rows = [[name, *row] for name, row in zip(CLASSES, counts, strict=True)]
    yield Table("y \\ ŷ", ["y \\ ŷ", *CLASSES], rows)  # y is the note, ŷ what the net says
    wrong = sorted((~right).nonzero()[:, 0].tolist(), key=lambda i: -sure[i])
    for k, i in enumerate([*wrong[:3], *right.nonzero()[:, 0].tolist()][:6], 1):
        note, answer = CLASSES[target[i]], CLASSES[says[i]]
        en, zh = ("right", "正确") if right[i] else ("wrong", "错误")
        yield Picture(
            f"test {k}",
            [[round(v, 3) for v in row] for row in greyed(images[i : i + 1])[0, 0].tolist()],
            f"{note} yuan. The net says {answer} with p = {sure[i]:.3f}: {en}.",
            f"{note} 元。网络认为是 {answer} 元，p = {sure[i]:.3f}：{zh}。",
        )


# The course's transforms ------------------------------------------------------------------------------------


def resized(images):
    """To 32 x 32; each new pixel is a weighted mean of the old ones under it."""
    return F.interpolate(images, (32, 32), mode="bilinear", antialias=True)


def cropped(images):
    """Add 4 black pixels on each side and cut 32 x 32 out again somewhere: the note moves by up to 4 pixels."""
    wide = F.pad(images, (4, 4, 4, 4))
    corners = torch.randint(0, 9, (len(images), 2)).tolist()
    return torch.stack([one[:, y : y + 32, x : x + 32] for one, (y, x) in zip(wide, corners, strict=True)])


def greyed(images):
    """Grey = 0.299 R + 0.587 G + 0.114 B, the same in all three channels."""
    share = torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)
    return (share * images).sum(dim=1, keepdim=True).expand(-1, 3, -1, -1)


def normalized(images):
    """(x - mean) / std for each channel, with the mean and the std of ImageNet."""
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return (images - mean) / std


# Drawn notes: every shape is a function of (u, v), the place on the note, from -1 to 1 ----------------------

HEIGHT, WIDTH = 48, 96
NUMERALS = (
    ("..#..............", "..#...###...###.."),
    (".##..............", ".##..#...#.#...#."),
    ("..#..............", "..#..#...#.#...#."),
    ("..#..............", "..#..#...#.#...#."),
    ("..#..............", "..#..#...#.#...#."),
    ("..#..............", "..#..#...#.#...#."),
    (".###.............", ".###..###...###.."),
)
PAPER = torch.tensor([[0.55, 0.68, 0.50], [0.82, 0.54, 0.56]])  # green and red, alike in grey


def uniform(n, low, high):
    """A number from U(low, high) for each of n notes, in the shape (n, 1, 1, 1)."""
    return torch.empty(n, 1, 1, 1).uniform_(low, high)


def draw(n):
    """n notes as they may lie on a table, (n, 3, 32, 32), and their classes in turn, (n,)."""
    target = torch.arange(n) % 2
    y, x = torch.meshgrid(torch.linspace(-1, 1, HEIGHT), torch.linspace(-2, 2, WIDTH), indexing="ij")
    x, y = x - uniform(n, -0.1, 0.1), y - uniform(n, -0.1, 0.1)
    angle, size = uniform(n, -0.15, 0.15), uniform(n, 0.9, 1.15)  # askew, nearer or farther
    u = (x * angle.cos() + y * angle.sin()) / size / 2  # a note is twice as wide as it is high
    v = (y * angle.cos() - x * angle.sin()) / size

    image = PAPER[target].view(n, 3, 1, 1) + 0.06 * torch.randn(n, 3, 1, 1)
    lines = torch.sin(uniform(n, 8, 16) * u + 4 * torch.sin(3 * v + uniform(n, 0, 6)))
    image = image + 0.07 * lines
    portrait = ((u - 0.55) / 0.22) ** 2 + (v / 0.65) ** 2 < 1
    seal = ((u - uniform(n, -0.7, 0.3)) / 0.1) ** 2 + ((v - uniform(n, 0.4, 0.8)) / 0.2) ** 2 < 1
    image = image * (1 - 0.45 * portrait) * (1 - 0.4 * seal)

    ink = torch.tensor([[[float(cell == "#") for cell in row[k]] for row in NUMERALS] for k in (0, 1)])
    place = torch.cat([(u + uniform(n, 0.25, 0.45)) / 0.5, (v + uniform(n, -0.1, 0.2)) / 0.5], dim=1)
    numeral = F.grid_sample(ink[target].unsqueeze(1), place.permute(0, 2, 3, 1), align_corners=False)
    image = image * (1 - uniform(n, 0.35, 0.75) * numeral)

    image = torch.where((u.abs() > 1) | (v.abs() > 1), uniform(n, 0.1, 0.9), image)  # the table around it
    thumb = (u - uniform(n, -1, 1)) ** 2 + (v - uniform(n, -1, 1)) ** 2 < 0.15  # may hide part of the numeral
    image = torch.where(thumb, uniform(n, 0.5, 0.8), image)
    light = uniform(n, 0.6, 1.15) + uniform(n, -0.2, 0.2) * u
    return resized((image * light + 0.08 * torch.randn(n, 3, HEIGHT, WIDTH)).clamp(0, 1)), target


# Photos of your own: train/1/*.jpg and train/100/*.jpg, perhaps valid/... and test/... ----------------------

SMALLEST = 32  # pixels of the shorter side
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


class Unusable(ValueError):
    """The folder gives nothing to learn from; the Note before it says why, in both languages."""


def own_sets(folder):
    """Yield a Note for each image that cannot be used; return the sets. Raises Unusable."""
    try:
        import PIL  # noqa: F401
    except ImportError:
        how = 'python -m pip install "torch-tutor[images]"'
        en = f"Photos are read with Pillow, which is missing. Install it with: {how}"
        yield Note(en, f"读取照片需要 Pillow，但尚未安装。请运行：{how}")
        raise Unusable(en) from None
    if not folder.is_dir():
        en = f"There is no folder {folder}. Name the one that holds train/1 and train/100."
        yield Note(en, f"没有目录 {folder}。请指定包含 train/1 和 train/100 的目录。")
        raise Unusable(en)
    images, target = yield from photos(folder / "train")
    counts = [(target == k).sum().item() for k in (0, 1)]
    if min(counts) < 2:
        one, hundred = counts
        en = f"Each class needs at least 2 images in {folder}: train/1 has {one}, train/100 has {hundred}."
        yield Note(en, f"{folder} 中每类至少需要 2 张图像：train/1 有 {one} 张，train/100 有 {hundred} 张。")
        raise Unusable(en)
    valid = yield from photos(folder / "valid")
    test = yield from photos(folder / "test")
    train = images, target
    if len(valid[1]) == 0:  # every fifth image of each class is kept back, from two on the first one
        back = torch.cat([(target == k).nonzero()[::5, 0] for k in (0, 1)])
        rest = torch.ones(len(target), dtype=torch.bool).index_fill(0, back, False)
        valid, train = (images[back], target[back]), (images[rest], target[rest])
        en = f"No images below valid/: {len(back)} of those below train/ are kept back for validation."
        yield Note(en, f"valid/ 中没有图像：从 train/ 中留出 {len(back)} 张用于验证。")
    return {"train": train, "valid": valid, "test": test if len(test[1]) else valid}


def photos(folder):
    """Yield a Note for each image that cannot be used; return the images, (n, 3, 32, 32), and their classes, (n,)."""
    from PIL import Image, ImageOps

    images, target = [torch.empty(0, 3, 32, 32)], []
    for k, name in enumerate(CLASSES):
        for file in sorted(each for each in (folder / name).glob("*") if each.suffix.lower() in SUFFIXES):
            place = f"{folder.name}/{name}/{file.name}"
            try:
                with Image.open(file) as image:
                    size = image.size
                    image.draft("RGB", (4 * WIDTH, 4 * HEIGHT))  # no need to decode all of a large photo
                    small = ImageOps.exif_transpose(image).convert("RGB").resize((WIDTH, HEIGHT))
            except Exception as error:  # a damaged file may make Pillow raise anything
                why = str(error).replace(str(file), file.name) or type(error).__name__
                yield Note(f"Left out {place}, it cannot be read: {why}", f"已略过 {place}，无法读取：{why}")
                continue
            if min(size) < SMALLEST:
                en = f"Left out {place}: {size[0]} x {size[1]} pixels are too few, {SMALLEST} a side are needed."
                yield Note(en, f"已略过 {place}：{size[0]} x {size[1]} 像素太小，每边至少需要 {SMALLEST}。")
                continue
            pixels = torch.frombuffer(bytearray(small.tobytes()), dtype=torch.uint8).view(1, HEIGHT, WIDTH, 3)
            images.append(resized(pixels.permute(0, 3, 1, 2) / 255))
            target.append(k)
    return torch.cat(images), torch.tensor(target, dtype=torch.long)
