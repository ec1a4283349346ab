"""What the tests of alerts and of the roster share."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from servers import hooks, mails  # noqa: F401  (fixtures)
