"""A computation told line by line: every line names a number, says how it comes about, and has its value.

The functions in the files `hand_*.py` compute one element of a loss and yield such lines:
(symbol, formula, value) or, where a sum is to be written out, (symbol, formula, value, numbers).
The last line is the loss of the element. A line without a formula is given.
"""

import re

LONGEST = 40
"""Characters of a sum, or of a vector."""


def put_in(formula, known):
    """The formula with the numbers of the lines before: "−(x − y)" becomes "−(0.5 − 2)"."""
    symbols = sorted((re.escape(symbol) for symbol in known), key=len, reverse=True)
    alone = rf"(?<![A-Za-z_\d′])({'|'.join(symbols)})(?![A-Za-z_\d′\[₀-₉])"
    return re.sub(alone, lambda found: number(known[found[1]]), formula) if symbols else formula


def number(value):
    """Five digits; a negative number in brackets, to stand behind a sign."""
    return f"({plain(value)})" if value < 0 else plain(value)


def plain(value):
    """Five digits."""
    return f"{float(value) + 0.0:.5g}".replace("-", "−")


def added(terms, sign=" + "):
    """Terms with signs between them; of what is longer than a line of a table, the middle is left out."""
    terms = list(terms)
    whole, kept = sign.join(terms), len(terms) - 1
    while len(whole) > LONGEST and kept > 2:
        kept -= 1
        whole = sign.join([*terms[: kept - 1], "…", terms[-1]])
    return whole


def rows(lines):
    """The lines of one element as rows of a table: what is computed, the numbers put in, the value.

    A vector stands where the numbers stand: as a value it would take the table's whole width.
    """
    known = {}
    for symbol, formula, value, *numbers in lines:
        line = f"{symbol} = {formula}" if formula else symbol
        if value.dim():
            yield [line, f"[{added(map(plain, value), ', ')}]", ""]
        else:
            yield [line, numbers[0] if numbers else put_in(formula, known), value.item()]
            known[symbol] = value.item()


def last(lines):
    """The value of the last line: the loss."""
    return [line[2] for line in lines][-1]
