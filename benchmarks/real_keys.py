"""Quality and cost on real stylised first frames, beside EbSynth's frames that come with them.

python -m benchmarks.real_keys ../shared [--sheets FOLDER]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.record import save


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--sheets", type=Path, help="also write pictures to look at")
    chosen = parser.parse_args()
    renderer = f"embedded={sys.executable} -m v2v_studio -q propagate {{src}} {{key}} {{out}}"
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, str(chosen.shared / "tools" / "real_keys.py"), "--renderer", renderer]
        command += ["--keys", str(chosen.shared / "footage" / "keys"), "--json", str(result)]
        command += ["--sheet", str(chosen.sheets)] if chosen.sheets else []
        subprocess.run(command, check=True)
        print(save("real-keys", json.loads(result.read_text())))


if __name__ == "__main__":
    main()
