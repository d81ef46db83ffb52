# Downloads and load through a chain between a client and a server; sourced by the tests.
# Sets wire_kind; sources wire.sh, whose network it makes silent: what is counted is ours.
. "$NFL_SRC/tests/live/wire.sh"
NS_LIMIT=400

load_taps=() # process ids of the captures

# load_network: neither end says a word by itself.
load_network() {
    local name
    ns_new client mid server || die "cannot make network namespaces"
    ns_silent mid
    for name in client server; do
        ns_in $name sysctl -qw net.ipv6.conf.default.dad_transmits=0 \
            net.ipv6.conf.default.router_solicitations=0
        ns_in $name nft -f - <<'END' || die "no nftables"
table ip6 quiet { chain out { type filter hook output priority 0;
    icmpv6 type { 143, mld-listener-report, mld-listener-done, nd-router-solicit } drop; }; }
END
    done
    ns_wire client eth0 mid lan
    ns_wire mid wan server eth0
    ns_plain client eth0
    ns_plain mid lan wan
    ns_plain server eth0
}

mac_of() {
    ns_in "$1" ip -br link show eth0 | awk '{ print $3 }'
}

# The transparent chain: both ends are in one network.
wire_addresses() {
    wire_end client $client4 $client6
    wire_end server $server4 $server6
    hosts=("$server4" "[$server6]")
    iperf_hosts=("$server4" "$server6") iperf_port=5201
}

# examples/edge: the client is inside, behind Nat, and one site is divided by Maglev among
# servers that listen on port 8080.
edge_addresses() {
    local a
    ns_in client ip addr add 10.0.0.5/24 dev eth0
    ns_in client ip addr add 2001:db8:1::5/64 dev eth0 nodad
    ns_in client ip route add default via 10.0.0.1
    ns_in client ip route add default via 2001:db8:1::1
    ns_in server ip addr add 10.0.0.1/24 dev eth0
    ns_in server ip addr add 2001:db8:1::1/64 dev eth0 nodad
    for a in 50 101 102 103; do ns_in server ip addr add 198.51.100.$a/32 dev lo; done
    ns_in server ip addr add 2001:db8:2::50/128 dev lo nodad
    ns_in server ip route add 203.0.113.7/32 dev eth0
    ns_in server ip neigh add 203.0.113.7 lladdr "$(mac_of client)" nud permanent dev eth0
    hosts=(198.51.100.9 "[2001:db8:2::50]")
    iperf_hosts=(198.51.100.50 2001:db8:2::50) iperf_port=443
}

# 50 files of 1 KiB to 4 MiB.
load_files() {
    local n
    mkdir -p "$TMPDIR/web/www"
    for n in $(seq -w 1 50); do
        head -c "$(awk -v n="$n" 'BEGIN { print int(1024 * exp(log(4096) * (n - 1) / 49)) }')" \
            /dev/urandom >"$TMPDIR/web/www/$n"
    done
}

# nginx on ports 80 and 8080, iperf3 on two addresses.
load_servers() {
    local host
    mkdir -p "$TMPDIR/web/tmp"
    web_config "$TMPDIR/web" | sed 's/listen 80;/listen 80; listen 8080;/' >"$TMPDIR/web/nginx.conf"
    ns_spawn server nginx -p "$TMPDIR/web" -c "$TMPDIR/web/nginx.conf" -e "$TMPDIR/web/error.log"
    ns_until 10 ns_in server curl -s -o /dev/null http://127.0.0.1/ || die "nginx does not start"
    for host in "${iperf_hosts[@]}"; do
        ns_spawn server iperf3 -s -p $iperf_port -B "$host" >"$TMPDIR/iperf-server" 2>&1
    done
}

# ---- counting ----

# load_count NS: count the frames that leave NS by eth0, and those that arrive.
load_count() {
    local way mac
    mac=$(mac_of "$1")
    for way in out in; do
        ns_spawn "$1" tcpdump -i eth0 -s 64 -B 16384 -U -Z root -w /dev/null \
            "$([ $way = out ] || echo not) ether src $mac" 2>"$TMPDIR/$1.$way"
        load_taps+=("$ns_pid")
        ns_until 10 grep -q 'listening on' "$TMPDIR/$1.$way" || die "tcpdump does not start"
    done
}

# counted NS WAY: those that the kernel saw, also where tcpdump was too slow to take them.
counted() {
    awk '/received by filter/ { print $1 }' "$TMPDIR/$1.$2"
}

# What eth0 of NS could not hand over to the cable.
undelivered() {
    ns_in "$1" ip -j -s link show eth0 | python3 -c '
import json, sys
print(json.load(sys.stdin)[0]["stats64"]["tx"]["dropped"])'
}

# agree NS PORT: the report and the captures tell the same.
agree() {
    local counts
    counts="$(counted "$1" out) $(undelivered "$1") $(counted "$1" in)"
    python3 - "$TMPDIR/out" "$2" $counts <<'END' ||
import json, sys
report, name, *counts = sys.argv[1:]
out, kept, back = map(int, counts)
with open(report) as file:
    port = next(p for p in json.load(file)["ports"] if p["name"] == name)
lost = port["device"]["tx_lost"]
print(f"{name}: {out} to it, {kept} of them lost on the cable, {port['rx_packets']} arrived "
      f"({port['device']['rx_lost']} not fetched); {port['tx_packets']} sent, {lost} lost, "
      f"{back} came")
sys.exit(out - kept != port["rx_packets"] or back != port["tx_packets"] - lost)
END
        die "captures at $1 and the report disagree: $(cat "$TMPDIR/out")"
}

# ---- load ----

# 100 downloads, one connection each for half of them.
load_downloads() {
    local host n=0
    for host in "${hosts[@]}"; do
        rm -rf "$TMPDIR/got"
        mkdir "$TMPDIR/got"
        for n in $(seq -w 1 2 50); do load_get "http://$host/$n"; done
        load_get -Z --parallel-max 5 $(seq -f "http://$host/%02g" 2 2 50)
        [ "$(sums "$TMPDIR/got")" = "$(sums "$TMPDIR/web/www")" ] || die "files of $host differ"
    done
}

load_get() {
    ns_in client curl -sS -g -f --no-progress-meter --max-time 60 --output-dir "$TMPDIR/got" \
        --remote-name-all "$@" || die "curl fails: $*"
}

sums() {
    (cd "$1" && sha256sum [0-9][0-9])
}

# iperf3 over IPv4 and IPv6 at the same time, each 10 s both ways.
load_iperf() {
    local host pids=() pid n=0
    for host in "${iperf_hosts[@]}"; do
        n=$((n + 1))
        ns_spawn client iperf3 -c "$host" -p $iperf_port -t "${LOAD_SECONDS:-10}" --bidir -J \
            >"$TMPDIR/iperf.$n"
        pids+=("$ns_pid")
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || die "iperf3 fails: $(grep error "$TMPDIR"/iperf.*)"
    done
    python3 - "$TMPDIR"/iperf.* <<'END' || die "iperf3 lost a connection"
import json, sys
for name in sys.argv[1:]:
    end = json.load(open(name))["end"]
    ways = [end[k]["bytes"] / 1e6 for k in ("sum_received", "sum_received_bidir_reverse")]
    print(f"iperf3: {ways[0]:.0f} MB there, {ways[1]:.0f} MB back")
    if min(ways) < 1:
        sys.exit(f"{name}: almost nothing was carried")
END
}

# load_chain NFL ADDRESSES: everything through one chain.
load_chain() {
    local pid
    "$NFLC" build "$1" -o "$TMPDIR/x" 2>"$TMPDIR/err" || die "nflc build fails"
    load_network
    $2
    load_servers
    load_count client
    load_count server
    ns_spawn mid "$TMPDIR/x" --json --port lan=$wire_kind:lan --port wan=$wire_kind:wan \
        >"$TMPDIR/out" 2>"$TMPDIR/err"
    wire_pid=$ns_pid
    ns_until 20 grep -q running "$TMPDIR/err" || die "the program does not start"
    load_downloads
    load_iperf
    wire_stop
    sleep 0.3
    for pid in "${load_taps[@]}"; do ns_stop "$pid"; done
    agree client lan
    agree server wan
    load_taps=()
    ns_cleanup
}

load() {
    wire_needs nginx curl ip nft tcpdump iperf3 python3
    load_files
    load_chain "$NFL_SRC/tests/live/wire.nfl" wire_addresses
    load_chain "$NFL_SRC/examples/edge/edge.nfl" edge_addresses
}
