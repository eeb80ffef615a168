# What of the operating system is needed, and how it is installed or asked for. Sourced after words.sh.
# Installs through apt only as root or with a sudo that asks for no password; else says the command to type.

# The programs of PostgreSQL 15 or newer that have PostGIS, as geo_service/embedded/installation.py looks for them.
postgis_is_here() {
    local programs major
    for programs in /usr/lib/postgresql/*/bin; do
        major="$(basename "$(dirname "$programs")")"
        if [ -x "$programs/initdb" ] && [ "$major" -ge 15 ] 2>/dev/null &&
            [ -e "/usr/share/postgresql/$major/extension/postgis.control" ] &&
            [ -e "/usr/lib/postgresql/$major/lib/postgis-3.so" ]; then
            return 0
        fi
    done
    command -v initdb >/dev/null && command -v pg_config >/dev/null &&
        [ -e "$(pg_config --sharedir)/extension/postgis.control" ] && [ -e "$(pg_config --pkglibdir)/postgis-3.so" ]
}

# PostGIS for the newest supported PostgreSQL that is here, else both by Debian's names for its own version.
postgis_packages() {
    local programs major newest=0
    for programs in /usr/lib/postgresql/*/bin; do
        major="$(basename "$(dirname "$programs")")"
        if [ -x "$programs/initdb" ] && [ "$major" -ge 15 ] 2>/dev/null && [ "$major" -gt "$newest" ]; then
            newest="$major"
        fi
    done
    if [ "$newest" -gt 0 ]; then
        echo "postgresql-$newest-postgis-3"
    else
        echo "postgresql postgresql-postgis"
    fi
}

need_postgis() {
    if [ -n "${GEO_DATABASE_URL:-}" ] || postgis_is_here; then
        return 0
    fi
    local here=/etc/postgresql-common/createcluster.d/geo-service.conf
    # Debian starts a server of its own after the first installation; nobody asked for one.
    if may_install && [ ! -d /etc/postgresql ]; then
        as_root mkdir -p "$(dirname "$here")"
        echo "create_main_cluster = false" | as_root tee "$here" >/dev/null
    fi
    # shellcheck disable=SC2046 # one word a package
    install_packages $(postgis_packages)
    if [ -e "$here" ]; then
        as_root rm -f "$here"
    fi
    postgis_is_here || stop \
        "The installed PostgreSQL is older than 15 or has no PostGIS. Debian 12 and newer bring both." \
        "已安装的 PostgreSQL 低于 15 或缺少 PostGIS。Debian 12 及更新版本提供二者。"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

# install_packages NAME…: through apt, or out with the command to type.
install_packages() {
    local log status=0
    if ! command -v apt-get >/dev/null; then
        stop "Needed and not here: $*. Install it with this system's package manager, then try again." \
            "缺少：$*。请用本系统的软件包管理器安装后重试。"
    fi
    if ! may_install; then
        stop "Needed and not here: $*. Type this, then try again:
    sudo apt-get install --no-install-recommends $*" \
            "缺少：$*。请执行下列命令后重试：
    sudo apt-get install --no-install-recommends $*"
    fi
    say "Installing $* through apt …" "正在通过 apt 安装 $* ……"
    log="$(mktemp)"
    {
        as_root apt-get update &&
            as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
    } </dev/null >"$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        stop "apt did not install $*; its last words are above. The command was:
    sudo apt-get install --no-install-recommends $*" \
            "apt 未能安装 $*，其最后输出见上。所用命令：
    sudo apt-get install --no-install-recommends $*"
    fi
    rm -f "$log"
}
