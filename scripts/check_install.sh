#!/usr/bin/env bash
# Does access15 work from its wheel, away from the repository? Builds the wheel from the source
# distribution, installs it in a new environment and runs the demo. Usage: check_install.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
repository=$PWD

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip=(-m pip --quiet --disable-pip-version-check)

"$python" -m venv "$work/build"
"$work/build/bin/python" "${pip[@]}" install --constraint constraints.txt hatchling
"$work/build/bin/python" -m hatchling build --target sdist --directory "$work/dist" >/dev/null
"$work/build/bin/python" "${pip[@]}" wheel --no-build-isolation --no-deps --wheel-dir "$work/dist" "$work"/dist/*.tar.gz

"$python" -m venv "$work/env"
"$work/env/bin/python" "${pip[@]}" install --constraint "$repository/constraints.txt" "$work"/dist/*.whl
cd "$work"
"$work/env/bin/python" - "$repository" <<'PY'
import sys
from pathlib import Path

import access15

home = Path(access15.__file__).resolve()
assert not home.is_relative_to(Path(sys.argv[1]).resolve()), f"imported from the repository: {home}"
assert (home.parent / "data" / "sample" / "monaco" / "study.toml").is_file(), "the sample is not in the wheel"
assert (home.parent / "py.typed").is_file()
access15.sample("monaco")
print(sys.version.split()[0], "access15", access15.__version__, "from", home.parent)
PY
"$work/env/bin/access15" demo --out "$work/out"
test -s "$work/out/coverage.gpkg"
