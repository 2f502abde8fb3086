#!/usr/bin/env bash
# Takes the README's pictures of the fan-out page in Chromium, light and dark, and puts them into docs/.
set -euo pipefail
cd "$(dirname "$0")/.."
./test browser -class '*PictureTests'
for scheme in light dark; do
  cp "TestResults/screens/readme-fan-out-$scheme.png" "docs/fan-out-$scheme.png"
done
