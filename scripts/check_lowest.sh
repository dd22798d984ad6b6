#!/usr/bin/env bash
# Are the lower bounds in pyproject.toml true? Runs the tests with the lowest version of every direct
# dependency. Usage: check_lowest.sh PYTHON [pytest arguments]   (3.11, the lowest Python, is the honest choice)
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
shift || true

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/tools"
"$work/tools/bin/python" -m pip install --quiet --disable-pip-version-check uv
"$python" -m venv "$work/env"
# The test tools stay at their pins: only what a user installs goes down.
"$work/tools/bin/uv" pip install --quiet --python "$work/env/bin/python" --resolution lowest-direct \
  --only-binary :all: --no-binary access15 --editable '.[outreach,notebook]'
"$work/tools/bin/uv" pip install --quiet --python "$work/env/bin/python" \
  $(grep -iE '^(pytest|hypothesis)==' constraints.txt)
"$work/tools/bin/uv" pip list --python "$work/env/bin/python"
"$work/env/bin/python" -m pytest "$@"
