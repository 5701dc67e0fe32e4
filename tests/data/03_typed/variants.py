from tutor.lesson import Variant


def double(rng):
    n = rng.randint(3, 9)
    mistakes = {"squared": n * n, "same": n}
    return Variant(answer=2 * n, mistakes=mistakes, fields={"n": n, "square": n * n})
