"""Every refusal says what happened, why, and what to do."""

from typing import ClassVar


class HorizonError(Exception):
    """Base of all errors that a person should read; `exit_code` is what the command line returns."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, why: str, do: str) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.do = do

    def __str__(self) -> str:
        return f"{self.what}\n  Why: {self.why}\n  Do:  {self.do}"


class UsageError(HorizonError):
    """The call itself is wrong: a bad argument, card or settings file."""

    exit_code = 2


class Refused(HorizonError):
    """A rule forbids it: no approver, a leak, a hole in a rendering."""

    exit_code = 3


class Unavailable(HorizonError):
    """Something needed is missing for now: a lock held, a key absent, a file not there."""

    exit_code = 4
