#!/usr/bin/env bash
# Does every pin of constraints.txt have a wheel for every platform and Python that access15 names?
# Nothing is installed: pip resolves with --dry-run. Usage: check_wheels.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}

# A pip that resolves from metadata does this in seconds, older ones load whole wheels.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$python" -m venv "$tools/env"
"$tools/env/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade pip

failed=0
for tags in \
  "manylinux_2_28_x86_64 manylinux_2_27_x86_64 manylinux_2_24_x86_64 manylinux_2_17_x86_64 manylinux2014_x86_64" \
  "win_amd64" \
  "macosx_14_0_arm64"; do
  platforms=()
  for tag in $tags; do platforms+=(--platform "$tag"); done
  for version in 3.11 3.12 3.13 3.14; do
    if "$tools/env/bin/python" -m pip install --quiet --dry-run --ignore-installed --only-binary=:all: \
      --implementation cp --python-version "$version" "${platforms[@]}" --target "$tools/target" \
      --requirement constraints.txt >"$tools/log" 2>&1; then
      echo "ok      Python $version  ${tags%% *}"
    else
      echo "FAILED  Python $version  ${tags%% *}"
      grep ERROR "$tools/log" || cat "$tools/log"
      failed=1
    fi
  done
done
exit "$failed"
