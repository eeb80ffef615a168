#!/usr/bin/env bash
# What the page is checked with: Node.js and the packages of package-lock.json, Chromium, a Chinese font.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/words.sh
. tools/system_packages.sh

export PATH="$PATH:$PWD/.venv/bin"

# ESLint wants Node.js 20.19; Debian 12 has 18. PyPI carries the official build, pinned in node.lock.
if ! command -v npm >/dev/null || ! node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then
    say "Fetching Node.js: 60 MB …" "正在获取 Node.js：60 MB ……"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --requirement requirements/node.lock 2> >(grep -v '^WARNING: Location' >&2)
    export PATH="$PWD/.venv/bin:$PATH"
fi

locked="$(cat package-lock.json package.json | sha256sum | cut -d ' ' -f 1)"
if [ "$(cat node_modules/.geo-service 2>/dev/null)" != "$locked" ]; then
    say "Fetching the page's libraries and checkers …" "正在获取页面所用的库与检查工具……"
    npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
    echo "$locked" >node_modules/.geo-service
fi

needed=()
command -v chromium >/dev/null || needed+=(chromium)
if ! command -v fc-list >/dev/null || [ -z "$(fc-list :lang=zh)" ]; then
    needed+=(fontconfig fonts-wqy-microhei)
fi
if [ "${#needed[@]}" -gt 0 ]; then
    install_packages "${needed[@]}"
fi
