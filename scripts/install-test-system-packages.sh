#!/usr/bin/env bash
# Install the programs that tests start and that pip can't bring. Called by the Makefile as root or under CI;
# does nothing where they are all there. A program and Debian's package of it, one pair a line.
set -euo pipefail

needed=(
    "git git"
)

missing=()
for pair in "${needed[@]}"; do
    read -r program package <<<"$pair"
    command -v "$program" >/dev/null 2>&1 || missing+=("$package")
done
[ "${#missing[@]}" -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "install these with your package manager, for tests that need them: ${missing[*]}" >&2
    exit 0
fi
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
