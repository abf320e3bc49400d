#!/usr/bin/env bash
# Install the programs that tests start and that pip can't bring. Called by the Makefile as root or under CI;
# does nothing where they are all there. A program and Debian's package of it, one pair a line.
set -euo pipefail

needed=(
    "git git"
    "chromium chromium"
    "npm npm"
    "setpriv util-linux"
)

missing=()
for pair in "${needed[@]}"; do
    read -r program package <<<"$pair"
    command -v "$program" >/dev/null 2>&1 || missing+=("$package")
done
# Azure Blob Storage, for the tests of flowkit-azure.
azurite=azurite@3.35.0

sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
install_azurite() {
    command -v azurite-blob >/dev/null 2>&1 || "${sudo[@]}" npm install --global --silent --no-audit --no-fund "$azurite"
}

# The metadata service's tests; Debian keeps PostgreSQL's programs off PATH.
command -v initdb >/dev/null 2>&1 || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || missing+=("postgresql")

[ "${#missing[@]}" -eq 0 ] && { install_azurite; exit; }

if ! command -v apt-get >/dev/null 2>&1; then
    echo "install these with your package manager, for tests that need them: ${missing[*]}" >&2
    exit 0
fi
"${sudo[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
install_azurite
