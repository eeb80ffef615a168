# What the shell scripts say, and in which language. Sourced.

# say ENGLISH CHINESE: in Chinese where GEO_LANGUAGE or the locale asks for it.
say() {
    case "${GEO_LANGUAGE:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}}" in
        zh*) printf '%s\n' "$2" ;;
        *) printf '%s\n' "$1" ;;
    esac
}

# stop ENGLISH CHINESE: the same, to standard error, and out with 3: could not run.
stop() {
    say "$1" "$2" >&2
    exit 3
}
