"""Hashing for compiled loops: an open table of keys, and a hash of signs that can be carried on sign by sign."""

from scoring.compiled import compiled
from scoring.grouping.letters import Ints

SEED = 1_469_598_103_934_665_603
PRIME = 1_099_511_628_211
SPREAD = 6_364_136_223_846_793_005


@compiled
def carry(before: int, sign: int) -> int:
    """The hash of a text one sign longer."""
    return (before ^ sign) * PRIME


@compiled
def stir(key: int) -> int:
    """Spread the low bits of a hash over all of it."""
    mixed = (key ^ ((key >> 31) & 0x1FFFFFFFF)) * SPREAD
    return mixed ^ ((mixed >> 29) & 0x7FFFFFFFF)


@compiled
def salted(plain: int, salt: int) -> int:
    """One word in one of several languages."""
    return stir(plain + (salt + 1) * PRIME)


@compiled
def hash_signs(signs: Ints, salt: int) -> int:
    """A salted hash of a list of code points."""
    plain = SEED
    for at in range(signs.size):
        plain = carry(plain, signs[at])
    return salted(plain, salt)


@compiled
def insert(keys: Ints, values: Ints, key: int, value: int) -> None:
    """Put one key into an open table; the size is a power of two and the table never near full."""
    at = key & (keys.size - 1)
    while values[at] >= 0 and keys[at] != key:
        at = (at + 1) & (keys.size - 1)
    keys[at] = key
    values[at] = value


@compiled
def find(keys: Ints, values: Ints, key: int) -> int:
    """The value of one key, or -1."""
    at = key & (keys.size - 1)
    while values[at] >= 0:
        if keys[at] == key:
            return int(values[at])
        at = (at + 1) & (keys.size - 1)
    return -1
