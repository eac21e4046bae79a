"""Makes the folder `mutation` importable, last: an installed aioturso stays the one that is tested."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
