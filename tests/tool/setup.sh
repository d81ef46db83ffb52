# What examples/try and tests/check share: packages, configure, build.
# Sourced by bash, with $src the checkout and $steps the number of steps.

build=$src/build
logs=$build/log
install=yes
step=0
configure_flags=()
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

# PACKAGE:PROBE, where the probe is a program, pc:MODULE, py:MODULE, or a file.
build_packages="
    gcc:gcc libc6-dev:/usr/include/stdio.h make:make autoconf:autoconf
    automake:automake flex:flex bison:bison pkg-config:pkg-config
    clang-19:clang-19 llvm-19-dev:/usr/lib/llvm-19/include/llvm-c/Core.h
    libdpdk-dev:pc:libdpdk libpcap-dev:pc:libpcap libjansson-dev:pc:jansson
    libssl-dev:pc:libcrypto python3:/usr/bin/python3"
test_packages="
    python3-scapy:py:scapy python3-cryptography:py:cryptography
    libcmocka-dev:pc:cmocka clang-format-19:clang-format-19
    libclang-rt-19-dev:/usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.asan-x86_64.a
    tshark:tshark tcpdump:tcpdump curl:curl nginx-light:nginx
    dnsmasq-base:dnsmasq iproute2:ip iputils-ping:ping ethtool:ethtool
    nftables:nft iperf3:iperf3 procps:ps gdb:gdb systemd:systemd-analyze
    libvectorscan-dev:pc:libhs zlib1g-dev:pc:zlib libndpi-dev:pc:libndpi
    libfixbuf-dev:pc:libfixbuf
    libz3-dev:/usr/include/z3.h valgrind:valgrind"

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# no_option WORD: it is no option; usage() says what is.
no_option() {
    printf "%s: there is no option '%s'\n" "${0##*/}" "$1" >&2
    usage >&2
    exit 2
}

# progress WHAT: the next step begins.
progress() {
    step=$((step + 1))
    say "[$step/$steps] $*"
}

# logged NAME COMMAND...: run it, keep what it prints in a log; when it fails,
# show the log's end and stop.
logged() {
    local log=$logs/$1.txt
    shift
    mkdir -p "$logs"
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" | sed 's/^/    /' >&2
        die "this failed: $* (all of it is in $log)"
    fi
}

have() {
    case $1 in
    pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
    py:*) /usr/bin/python3 -c "import ${1#py:}" 2>/dev/null ;;
    /*) test -e "$1" ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# missing_of LIST: the packages of the list that are not there.
missing_of() {
    local entry
    for entry in $1; do
        have "${entry#*:}" || printf '%s ' "${entry%%:*}"
    done
}

# packages LIST: install what is missing, or say what is.
packages() {
    local missing command
    missing=$(missing_of "$1")
    missing=${missing% }
    if [ -z "$missing" ]; then
        say "      all there"
        return
    fi
    command="apt-get install -y --no-install-recommends $missing"
    say "      missing: $missing"
    if [ $install = no ]; then
        die "not installing; as root: apt-get update && $command"
    fi
    if ! command -v apt-get >/dev/null; then
        die "this is no Debian; please install these in your system's way"
    fi
    if [ "$(id -u)" -ne 0 ]; then
        die "installing needs root: sudo apt-get update && sudo $command"
    fi
    export DEBIAN_FRONTEND=noninteractive
    say "      apt-get update"
    logged apt-update apt-get update
    say "      $command"
    say "      (a minute or two; log in build/log/apt-install.txt)"
    # shellcheck disable=SC2086
    logged apt-install $command
    missing=$(missing_of "$1")
    [ -z "$missing" ] || die "installed, but still not found: $missing"
}

# What the build depends on: where it lies, and the libraries it found.
fingerprint() {
    local module
    printf '%s' "$src" "${configure_flags[@]}"
    for module in libdpdk libpcap jansson libcrypto cmocka; do
        printf ' %s' "$(pkg-config --modversion $module 2>/dev/null)"
    done
    printf ' %s' "$(llvm-config-19 --version 2>/dev/null)"
}

# configure: only when it was not done, or for another place or library. What
# make knows of dependencies (.deps) names files by their old place.
configure() {
    mkdir -p "$build"
    if [ ! -x "$src/configure" ] || [ ! -d "$src/build-aux" ]; then
        logged autoreconf autoreconf -i "$src"
    fi
    if [ ! -f "$build/Makefile" ] ||
        [ "$(cat "$build/.configured" 2>/dev/null)" != "$(fingerprint)" ]; then
        find "$build" -name .deps -prune -exec rm -rf {} +
        (cd "$build" && logged configure "$src/configure" "${configure_flags[@]}")
        logged clean make -C "$build" clean
        fingerprint >"$build/.configured"
    else
        say "      as before"
    fi
}

# compile TARGET...
compile() {
    logged make make -C "$build" -j"$(nproc)" "$@"
}
