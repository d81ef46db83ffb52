# Network namespaces for the recorder and the live tests; sourced by bash scripts, not run.
#
# A namespace NAME of this run is NSTAG-NAME.  Whoever sources this calls `trap ns_cleanup EXIT`.
# Every process started by ns_spawn ends after NS_LIMIT seconds even if the script is killed.

ns_tag=nfl$$
ns_names=()
ns_pids=()
NS_LIMIT=${NS_LIMIT:-240}

# ns_usable: can this user make namespaces and veth pairs here?  Prints the reason if not.
ns_usable() {
    [ "$(id -u)" = 0 ] || { echo "not root"; return 1; }
    command -v ip >/dev/null || { echo "no ip (package iproute2)"; return 1; }
    command -v ethtool >/dev/null || { echo "no ethtool (package ethtool)"; return 1; }
    unshare -n ip link add nfl-a type veth peer name nfl-b 2>/dev/null ||
        { echo "no network namespaces or veth"; return 1; }
}

# ns_sweep: namespaces of runs that were killed and could not clean up.
ns_sweep() {
    local path pid
    for path in /run/netns/nfl[0-9]*-*; do
        pid=${path##*/nfl} pid=${pid%%-*}
        [ ! -e "$path" ] || ns_alive "$pid" || ip netns del "${path##*/}"
    done
}

# ns_alive PID: it runs; one that waits to be reaped does not.
ns_alive() {
    grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null
}

# ns_new NAME...: empty namespaces with their loopback up.
ns_new() {
    local name
    ns_sweep
    for name; do
        ip netns add "$ns_tag-$name" || return 1
        ns_names+=("$ns_tag-$name")
        ns_in "$name" ip link set lo up
        ns_in "$name" sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
    done
}

# ns_in NAME CMD...: run a command in a namespace (network only, /sys and /etc stay).
ns_in() {
    local name=$1
    shift
    nsenter --net="/run/netns/$ns_tag-$name" "$@"
}

# ns_spawn NAME CMD...: the same in the background; its process id is in ns_pid.
ns_spawn() {
    local name=$1
    shift
    timeout --foreground -k 5 "$NS_LIMIT" \
        nsenter --net="/run/netns/$ns_tag-$name" "$@" &
    ns_pid=$!
    ns_pids+=("$ns_pid")
}

# ns_stop PID: end a spawned process by SIGTERM and return its exit status.
ns_stop() {
    kill -TERM "$1" 2>/dev/null
    wait "$1"
}

# ns_wire NS1 IF1 NS2 IF2: a veth pair between two namespaces, both ends up.
ns_wire() {
    ip link add "$2" netns "$ns_tag-$1" type veth peer name "$4" netns "$ns_tag-$3" || return 1
    ns_in "$1" ip link set "$2" up
    ns_in "$3" ip link set "$4" up
}

# ns_plain NS IF...: no offloads, so that every frame on the wire is complete and checksummed.
ns_plain() {
    local name=$1 dev
    shift
    for dev; do
        ns_in "$name" ethtool -K "$dev" tx off rx off tso off gso off gro off >/dev/null
    done
}

# ns_silent NS: the namespace itself sends nothing (no router solicitations, no MLD).
ns_silent() {
    ns_in "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
}

# ns_until SECONDS CMD...: wait until a command succeeds.
ns_until() {
    local left=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $((left -= 1)) -gt 0 ] || return 1
        sleep 0.05
    done
}

# ns_addressed NS: every IPv6 address of the namespace has passed duplicate address detection.
ns_addressed() {
    [ -z "$(ns_in "$1" ip -6 addr show tentative)" ]
}

# ns_web NS DIR: nginx on port 80 of every address of NS; DIR/www holds the files.
#   /slow/FILE is paced, PUT to /put/FILE is accepted.
ns_web() {
    local name=$1 dir=$2
    mkdir -p "$dir/www/put" "$dir/tmp"
    web_config "$dir" >"$dir/nginx.conf"
    ns_spawn "$name" nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log"
    web_pid=$ns_pid
    ns_until 10 ns_in "$name" curl -s -o /dev/null http://127.0.0.1/
}

web_config() {
    local t
    echo "user root; worker_processes 1; daemon off; pid $1/nginx.pid;"
    echo "events { worker_connections 256; }"
    echo "http { access_log off; sendfile on; client_max_body_size 16m;"
    for t in client_body proxy fastcgi uwsgi scgi; do echo "${t}_temp_path $1/tmp;"; done
    echo "server { listen 80; listen [::]:80; root $1/www;"
    echo "location /slow/ { alias $1/www/; limit_rate 8k; }"
    echo "location /put/ { dav_methods PUT; create_full_put_path on; } } }"
}

# ns_capture NAME DIR IF...: record everything that arrives at the interfaces, and nothing that
#   leaves, in DIR/IF.pcap, until ns_captured DIR.
ns_capture() {
    local name=$1 dir=$2 dev
    shift 2
    ns_tap_pids=() ns_taps=("$@")
    for dev; do
        ns_spawn "$name" tcpdump -i "$dev" -Q in -s 0 -B 4096 --nano -U -Z root \
            -w "$dir/$dev.pcap" 2>"$dir/$dev.log"
        ns_tap_pids+=("$ns_pid")
        ns_until 10 grep -q 'listening on' "$dir/$dev.log" || return 1
    done
}

# ns_captured DIR: stop recording; false if packets were lost.
ns_captured() {
    local pid dev
    sleep 0.5
    for pid in "${ns_tap_pids[@]}"; do ns_stop "$pid"; done
    for dev in "${ns_taps[@]}"; do
        grep -q '^0 packets dropped by kernel' "$1/$dev.log" || return 1
    done
}

# ns_cleanup: end what was started, by process id, and remove the namespaces of this run.
ns_cleanup() {
    local i
    for ((i = ${#ns_pids[@]} - 1; i >= 0; i--)); do
        kill -TERM "${ns_pids[i]}" 2>/dev/null
    done
    wait
    for i in "${ns_names[@]}"; do ip netns del "$i"; done
    ns_pids=() ns_names=()
}
