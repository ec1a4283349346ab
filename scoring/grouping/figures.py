"""Figures and dates of a text, from its tokens: how many persons, of what; and which days it names.

A figure belongs to the nearest outcome of its sentence (killed, injured, detained …); where two are equally near, to
the one that follows. Years, dates, clocks, shares and ages are no number of persons. A weekday is the last one before
publication; a day and month without a year is the nearest to publication.
"""

from scoring.compiled import compiled
from scoring.grouping.letters import ARABIC, Ints
from scoring.grouping.lexicon import AGE, DAYS, JOIN, MONTH, NUMBER, WEEKDAY, YESTERDAY
from scoring.grouping.scan import BEGIN, DEFINITE, END, ENTRY, FIGURE, FLAGS, SCRIPT, SENTENCE, VALUE

MOST_FIGURES, MOST_DATES = 8, 4
NO_ROLE, AGE_ROLE = 62, 63
ROLE = 1 << 24  # a figure is role * ROLE + value
REACH = 9  # tokens between a figure and what it counts
YEAR_SIGN, MONTH_SIGN, DAY_SIGN, DAY_SIGN_2 = (ord(sign) for sign in "年月日号")
HYPHEN, COMMA = ord("-"), ord(",")


@compiled
def value_of(tokens: Ints, one: int, roles: Ints, values: Ints) -> int:
    """The number that a token is, in digits or in words, or -1."""
    if tokens[one, VALUE] >= 0:
        return int(tokens[one, VALUE])
    entry = tokens[one, ENTRY]
    if entry >= 0 and roles[entry] & NUMBER and not is_weekday(tokens, one, roles):
        return int(values[entry] % DAYS)
    return -1


@compiled
def is_weekday(tokens: Ints, one: int, roles: Ints) -> bool:
    """Arabic writes some weekdays like numbers; the article tells them apart."""
    entry = tokens[one, ENTRY]
    if entry < 0 or not roles[entry] & WEEKDAY:
        return False
    return bool(tokens[one, SCRIPT] != ARABIC or tokens[one, FLAGS] & DEFINITE)


@compiled
def _role(tokens: Ints, one: int, roles: Ints) -> int:
    entry = tokens[one, ENTRY]
    return int(roles[entry]) if entry >= 0 else 0


@compiled
def _month(tokens: Ints, one: int, number: int, roles: Ints, values: Ints) -> int:
    if one < 0 or one >= number or not _role(tokens, one, roles) & MONTH:
        return 0
    return int(values[tokens[one, ENTRY]] % DAYS)


@compiled
def read_dates(tokens: Ints, number: int, signs: Ints, day: int, roles: Ints, values: Ints, found: Ints) -> None:
    """Days since 1970 that the text names, each once; tokens that belong to a date lose their figure."""
    count = 0
    for one in range(number):
        if count >= MOST_DATES:
            break
        known = _calendar(tokens, one, number, signs, day, roles, values)
        if known < 0 and day >= 0:
            known = _relative(tokens, one, day, roles, values)
        if known >= 0 and not _has(found, count, known):
            found[count] = known
            count += 1


@compiled
def _has(found: Ints, count: int, known: int) -> bool:
    return bool((found[:count] == known).any())


@compiled
def _relative(tokens: Ints, one: int, day: int, roles: Ints, values: Ints) -> int:
    role = _role(tokens, one, roles)
    if is_weekday(tokens, one, roles):
        # 1970-01-01 was a Thursday, the fourth day of its week.
        weekday = values[tokens[one, ENTRY]] // DAYS - 1
        return int(day - (day + 3 - weekday) % 7)
    if role & YESTERDAY:
        return day - 1
    return -1


@compiled
def _calendar(tokens: Ints, one: int, number: int, signs: Ints, day: int, roles: Ints, values: Ints) -> int:
    """A date that begins at this token, or -1."""
    value = tokens[one, VALUE]
    if value < 0:
        month = _month(tokens, one, number, roles, values)
        if month and one + 1 < number and 1 <= tokens[one + 1, VALUE] <= 31 and not _before(tokens, one):
            return _take(tokens, one + 1, one + 2, number, month, tokens[one + 1, VALUE], day)
        return -1
    after = signs[tokens[one, END]] if tokens[one, END] < signs.size else 0
    if after == MONTH_SIGN and one + 1 < number and 1 <= value <= 12:
        return _chinese(tokens, one, number, signs, value, day)
    if after == HYPHEN and 1900 < value < 2100 and one + 2 < number:
        return _iso(tokens, one)
    if 1 <= value <= 31:
        for step in range(1, 3):
            month = _month(tokens, one + step, number, roles, values)
            if month:
                return _take(tokens, one, one + step + 1, number, month, value, day)
            if not _role(tokens, one + step, roles) & JOIN:
                break
    return -1


@compiled
def _before(tokens: Ints, one: int) -> bool:
    """A day already stands in front of the month, or what follows is another sentence: 12 March 14 dead."""
    figure = one > 0 and bool(tokens[one - 1, FLAGS] & FIGURE)
    return figure or tokens[one + 1, SENTENCE] != tokens[one, SENTENCE]


@compiled
def _take(tokens: Ints, at: int, after: int, number: int, month: int, date: int, day: int) -> int:
    tokens[at, VALUE] = -1
    year = 0
    for step in range(after, min(after + 2, number)):
        if 1900 < tokens[step, VALUE] < 2100:
            year = tokens[step, VALUE]
            tokens[step, VALUE] = -1
            break
    return _nearest(year, month, date, day)


@compiled
def _chinese(tokens: Ints, one: int, number: int, signs: Ints, month: int, day: int) -> int:
    for step in range(one + 1, min(one + 3, number)):
        value = tokens[step, VALUE]
        end = tokens[step, END]
        if 1 <= value <= 31 and end < signs.size and signs[end] in (DAY_SIGN, DAY_SIGN_2):
            tokens[step, VALUE] = -1
            tokens[one, VALUE] = -1
            return _nearest(0, month, value, day)
    return -1


@compiled
def _iso(tokens: Ints, one: int) -> int:
    year, month, date = tokens[one, VALUE], tokens[one + 1, VALUE], tokens[one + 2, VALUE]
    if not (1 <= month <= 12 and 1 <= date <= 31 and tokens[one + 1, BEGIN] == tokens[one, END] + 1):
        return -1
    for step in range(3):
        tokens[one + step, VALUE] = -1
    return int(days(year, month, date))


@compiled
def _nearest(year: int, month: int, date: int, day: int) -> int:
    if year:
        return int(days(year, month, date))
    if day < 0:
        return -1
    near = 1970 + int(day / 365.2425)
    best = days(near, month, date)
    for other in (near - 1, near + 1):
        known = days(other, month, date)
        if abs(known - day) < abs(best - day):
            best = known
    return int(best)


@compiled
def days(year: int, month: int, date: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar."""
    shifted = year - (1 if month <= 2 else 0)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + date - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@compiled
def read_figures(
    tokens: Ints, number: int, signs: Ints, roles: Ints, meanings: tuple[Ints, Ints, int], found: Ints
) -> None:
    """Figures with what they count, each once; below two nothing is told apart from an article."""
    concepts, values, outcomes = meanings
    count, one = 0, 0
    while one < number and count < MOST_FIGURES:
        value = value_of(tokens, one, roles, values)
        begin = one
        one += 1
        if value < 0:
            continue
        while one < number:
            further = _compound(value, tokens, one, number, roles, values)
            if further < 0:
                break
            one += 2 if _role(tokens, one, roles) & JOIN else 1
            value = further
        if value < 2 or value >= ROLE or 1900 < value < 2100:
            continue
        role = _age(tokens, begin, one, number, signs, roles)
        if not role:
            role = _counted(tokens, begin, number, concepts, outcomes)
        if not _has(found, count, role * ROLE + value):
            found[count] = role * ROLE + value
            count += 1


@compiled
def _compound(value: int, tokens: Ints, one: int, number: int, roles: Ints, values: Ints) -> int:
    """Twenty-three, veinte y tres, ثلاثة وعشرون, three hundred: the number with its next part, or -1."""
    at = one + 1 if _role(tokens, one, roles) & JOIN else one
    if at >= number or tokens[at, SENTENCE] != tokens[one - 1, SENTENCE] or tokens[at, VALUE] >= 0:
        return -1
    part = value_of(tokens, at, roles, values)
    if part < 0:
        return -1
    if part >= 100 and value < part and at == one:
        return value * part
    if 20 <= value < 100 and value % 10 == 0 and part < 10:
        return value + part
    if value >= 100 and part < 100 and value % 100 == 0:
        return value + part
    if value < 10 and 20 <= part < 100 and part % 10 == 0:
        return value + part
    return -1


@compiled
def _age(tokens: Ints, begin: int, end: int, number: int, signs: Ints, roles: Ints) -> int:
    """An age is said to be one, or stands between commas after a name."""
    left, right = tokens[begin, BEGIN] - 2, tokens[end - 1, END]
    if left >= 0 and right < signs.size and signs[left] == COMMA and signs[right] == COMMA:
        return AGE_ROLE
    for at in (begin - 1, end):
        if 0 <= at < number and tokens[at, SENTENCE] == tokens[begin, SENTENCE] and _role(tokens, at, roles) & AGE:
            return AGE_ROLE
    return 0


@compiled
def _counted(tokens: Ints, one: int, number: int, concepts: Ints, outcomes: int) -> int:
    """The outcome nearest to the figure in its sentence, as the number of its lowest bit."""
    for step in range(1, REACH):
        for at in (one + step, one - step):
            if 0 <= at < number and tokens[at, SENTENCE] == tokens[one, SENTENCE] and tokens[at, ENTRY] >= 0:
                mask = concepts[tokens[at, ENTRY]] & outcomes
                if mask:
                    return _lowest(mask)
    return NO_ROLE


@compiled
def _lowest(mask: int) -> int:
    bit = 0
    while not (mask >> bit) & 1:
        bit += 1
    return bit
