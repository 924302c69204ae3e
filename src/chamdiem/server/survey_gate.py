"""A gate before the public form: floods are slowed down, and nobody's address is written anywhere.

Addresses are kept in the memory of this process alone, for minutes, as hashes under a key that ends with the process.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address
from time import monotonic

MOST_KNOWN = 50_000  # addresses; the ones that were quiet for longest are forgotten first


class Gate:
    """So many at once from one address, then so many a second; many people may share the address of an office."""

    def __init__(self, burst: int, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self.burst, self.per_second, self.clock = burst, per_second, clock
        self._key = secrets.token_bytes(16)
        self._known: OrderedDict[bytes, tuple[float, float]] = OrderedDict()  # how many are left, as of when

    def wait(self, address: str) -> float:
        """Let one pass and return 0.0, or return after how many seconds another may."""
        who, now = self._of(address), self.clock()
        left, since = self._known.pop(who, (float(self.burst), now))
        left = min(float(self.burst), left + (now - since) * self.per_second)
        passes = left >= 1
        self._known[who] = (left - 1 if passes else left, now)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return 0.0 if passes else (1 - left) / self.per_second

    def _of(self, address: str) -> bytes:
        """Who it is, to this process alone; of IPv6 the network, for a telephone has many addresses in it."""
        try:
            number = ip_address(address)
            address = str(int(number) >> 64) if number.version == 6 else str(number)
        except ValueError:
            pass
        return hashlib.blake2b(address.encode(), key=self._key, digest_size=16).digest()


ANSWERS = Gate(burst=300, per_second=5)
WRONG_CODES = Gate(burst=30, per_second=1 / 30)
"""A code has 8 of 31 letters: at this pace one address needs centuries to guess one of a thousand."""
