# A compiled chain as a wire between a client and a server; sourced by the live tests.
#
#   client eth0 -- lan [the program, in namespace mid] wan -- eth0 server (nginx)
#
# wire_kind says how the program gets at lan and wan: iface, or xdp.
wire_kind=iface
. "$NFL_SRC/tests/tool/netns.sh"

client4=10.9.0.1 client6=2001:db8:9::1
server4=10.9.0.2 server6=2001:db8:9::2

die() {
    echo "$*"
    [ ! -s "$TMPDIR/err" ] || sed 's/^/program: /' "$TMPDIR/err"
    exit 1
}

# wire_needs PROGRAM...: skip the test where it cannot run.
wire_needs() {
    local why prog
    for prog; do
        command -v "$prog" >/dev/null || { echo "no $prog"; exit 77; }
    done
    why=$(ns_usable) || { echo "$why"; exit 77; }
    trap ns_cleanup EXIT
    trap 'exit 1' INT TERM
}

# Same subnet at both ends: the chain is transparent.  No offloads anywhere.
wire_network() {
    ns_new client mid server || die "cannot make network namespaces"
    ns_silent mid
    ns_wire client eth0 mid lan
    ns_wire mid wan server eth0
    ns_plain client eth0
    ns_plain mid lan wan
    ns_plain server eth0
    wire_end client $client4 $client6
    wire_end server $server4 $server6
}

wire_end() {
    ns_in "$1" ip addr add "$2/24" dev eth0
    ns_in "$1" ip addr add "$3/64" dev eth0 nodad
}

wire_build() {
    "$NFLC" build "$NFL_SRC/tests/live/wire.nfl" -o "$TMPDIR/x" 2>"$TMPDIR/err" ||
        die "nflc build fails"
}

# wire_start [OPTION...]: start the program and wait until it carries a ping.
wire_start() {
    ns_spawn mid "$TMPDIR/x" --json "$@" --port lan=$wire_kind:lan --port wan=$wire_kind:wan \
        >"$TMPDIR/out" 2>"$TMPDIR/err"
    wire_pid=$ns_pid
    ns_until 20 wire_carries || die "nothing passes the program"
}

wire_carries() {
    ns_in client ping -q -c 1 -W 1 $server4
}

# wire_cores N: options for N workers, however few CPUs this machine has.
wire_cores() {
    local all i cpus
    all=$(taskset -pc $$ | sed 's/.*: //')
    cpus=($(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0)))'))
    printf -- '--cores=%s\n--eal=--lcores=0@(%s)' "$1" "$all"
    for ((i = 0; i < $1; i++)); do
        printf ',%s@%s' $((i + 1)) "${cpus[i % ${#cpus[@]}]}"
    done
}

# wire_stop [REASON...]: end the program and look at its statistics.
wire_stop() {
    ns_stop "$wire_pid" || die "the program ends with status $?"
    "$NFL_SRC/tests/tool/balance" "$TMPDIR/out" "$@" || die "$(cat "$TMPDIR/out")"
}
