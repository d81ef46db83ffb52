"""Random programs that are right: chains of NFs that count, filter, drop packets and flows, lease
ports, translate both ends, choose exits, emit events, judge again after a change of parameters,
keep tables, also of meters, and sketches, at random places and times, look into tables from files;
some name their places, the order of some follows from rules; half of them have chains that share
ports; tables are small, so that all ways to end a flow or an entry occur; some ask why it ended,
and what lives when the run does; some look at fragments.

    programs.py SEED [NAME]     prints the program of a seed
"""
import random
import re
import sys

ADDRESSES = "203.0.113.7", "203.0.113.8", "198.51.100.1", "10.0.0.2"
EVENTS = ("PKT", "PKT/TCP", "PKT/TCP/SYN", "PKT/UDP", "PKT/ICMP", "PKT/TCP, PKT/UDP", "FLOW/NEW",
          "FLOW/NEW", "FLOW/NEW, PKT/ICMP", "FLOW/END", "PKT/UDP, FLOW/END")
# Where NFs have parameters, some judge their flows again.
JUDGED = "FLOW/CONFIG", "FLOW/NEW, FLOW/CONFIG", "FLOW/NEW, FLOW/CONFIG"
# How atomic state may change: N is its name, V a number.
UPDATES = (("N += V", "N -= V"), ("N |= V",),
           ("if N < V { N = V }", "if V >= N { N = V }"), ("N += V",))
# What chains ask that share ports.
ASKED = ("p has tcp", "p.udp.dport > 5000", "p has ip6", "p.len % 3 == 1", "!p.in_flow",
         "p.tcp.flags.syn", "p.payload.len % 2 == 1", 'p.payload.contains("\\x01")',
         "p.ip.src in 0.0.0.0/1", "p.hash % 2 == 0", "p.malformed", "p has vlan",
         "p.tcp.dport in {0..1024, 30000..40000}")
# Tables from files (FILES), and how they are asked: A is an address, N a port, R a protocol.
TABLES = {"routes": "table[prefix -> u16]", "rows": "table[(prefix, port_range, proto) -> u8]",
          "some": "table[ipaddr]"}
FILES = {"routes": "0.0.0.0/1 1\n10.0.0.0/8 2\n10.0.0.0/30 700\n198.51.100.0/25 4\n"
                   "2001:db8::/32 5\n203.0.113.7 6\n",
         "rows": "10.0.0.0/8 0..1024 any 7\nany 53 udp 9\n2001:db8::/33 any tcp 11\n"
                 "0.0.0.0/1 any icmp 2\nany 1025..65535 any 200\n",
         "some": "10.0.0.1\n10.0.0.2\n198.51.100.1\n2001:db8::1\n203.0.113.7\n"}
# What every program begins with.
HEAD = ("use std.net\nuse std.acl\nuse std.pool\nuse std.type.meter\nuse std.sketch\n"
        "use std.queue\n\n"
        "struct Pair { who: ipaddr, n: u7 }\n\n"
        "event NF/ONE (n: u16, who: ipaddr = 10.0.0.9)\nevent NF/ONE/MORE (x: u3)\n"
        "event NF/TWO (f: flow, pair: Pair, ok: bool)\nevent NF/LAST\n\n")
# What NFs emit, and take: those that handle one emit only later ones, so that nothing goes round.
EMITTED = (("NF/ONE", 0, " (n)"), ("NF/ONE", 0, " (_, who)"), ("NF/ONE/MORE", 0, " (n, who, x)"),
           ("NF/TWO", 1, " (f, pair)"), ("NF/TWO", 1, ""), ("NF/LAST", 2, ""))
REASONS = "one", "two", "three"
# In the place of an IPv4 header (traffic.py): a flow's packets have one shape, then another.
THIN = ("header thin after eth(0x88b5) {\n    src: ipv4\n    dst: ipv4\n    zero: u8\n"
        "    proto: proto\n\n    next proto\n    flow src = src, dst = dst, proto = proto\n"
        "    pseudo src, dst\n}\nheader tcp after thin(6)\nheader udp after thin(17)\n\n")
# What guards a statement, and what may be written then.
WRITES = (("ip", ("p.ip.ttl -= 1", "p.ip.id = A", "p.ip.dscp ^= 9", "p.ip.ecn = 1")),
          ("tcp", ("p.tcp.window = A", "p.tcp.seq += u32(A)", "p.tcp.urgent = p.tcp.window")),
          ("vlan", ("p.vlan.pcp += 1", "p.vlan.dei = 0")),
          ("ip6", ("p.ip6.hops = 7", "p.ip6.label += u20(A)")),
          ("icmp", ("p.icmp.seq = A",)), ("eth", ("p.eth.dst = p.eth.src",)))


# Headers that are added and removed: A an address, N a number.
TUNNELS = "use std.ipip\nuse std.gre\nuse std.vxlan\nuse std.mpls\nuse std.mpls_ip\n" \
    "use std.gtpu\n"
# C that reads the bytes of headers.
BYTES = 'extern fn fnv(packet: bytes, with: u16) -> u32 from "bytes.c"\n\n'
OUTER = ("ip(src = A, dst = A, id = N)", "ip6(src = 2001:db8::1, dst = 2001:db8::2)",
         "ip(src = A, dst = A, flags = 0, ttl = 3)")
ADDS = ("vlan(id = u12(N))", "vlan(pcp = 3) / vlan(id = 9)", "mpls(label = u20(N))", "OUTER",
        "OUTER / gre(key = u32(N))", "OUTER / gre(has_sum = 1)",
        "eth(src = 02:00:00:00:00:07) / OUTER / udp(sport = N) / vxlan(vni = 5)",
        "eth / vlan / OUTER / udp(sum = 0) / vxlan(vni = u24(N))",
        "vlan(id = 5, after = 0x88a8)", "OUTER / udp(sport = N, dport = 4000) / vxlan",
        "OUTER / udp(sport = N) / gtpu(teid = u32(N)) / gtpu_pdu(qfi = 5)", "gtpu_ext(after = 7)",
        "OUTER / gre / mpls(after = 0x8848)")
REMOVES = "vlan", "vlan", "vlan / vlan", "mpls", "ip", "ip6", "gre", "vxlan", "gtpu", \
    "gtpu_pdu", "eth / ip"
INNER = ("p has ip.ip", "p.vlan.vlan.id > 3", "p.gre.key % 2 == 0", "p.vxlan.ip.ttl > 9",
         "p has vxlan.eth", "p.mpls.mpls.label < 100", "p has gre.ip6",
         "p.gtpu_pdu.qfi == 5", "p.gtpu.next_ext > 5")

# Headers that one NF adds and a later one removes, and what NFs between them do: some of it
# nobody can tell from what would be without them.
PAIRS = (("vlan(id = u12(N))", "vlan"), ("mpls(label = 16)", "mpls"), ("OUTER / gre", "gre"),
         ("OUTER / gre(key = u32(N))", "gre"), ("vlan(id = 9, after = 0x88a8)", "vlan"),
         ("eth / OUTER / udp(sport = 5, sum = 0) / vxlan(vni = 5)", "vxlan"),
         ("OUTER / udp(sport = 5) / gtpu(teid = u32(N))", "gtpu"), ("OUTER", "ip"))
BETWEEN = ("w += 1", "if p has vlan { w += 1 }", "if p has gre || p has vxlan { w += 2 }",
           'if p.payload.contains("\\x01") { drop "one" }', "if p has tcp { p.tcp.window = 7 }",
           "if p has ip { p.ip.ttl -= 1 }", "if p has vlan { p.vlan.pcp += 1 }",
           "if p has udp && p.payload.len > 9 { w += 3 }", 'if w % 7 == 3 { drop "two" }',
           "if p has eth { p.eth.src = p.eth.dst }")
LOOKING = ("if p.len % 2 == 1 { w += 1 }", "if p.ip.ttl > 9 { w += 1 }",
           "if p.vlan.id > 3 { w += 1 }", "if p.payload.len % 3 == 0 { p.decap(vlan) or { } }",
           "if p.gre.key % 2 == 0 { w += 5 }", "if p.eth.type == 0x8100 { w += 4 }")

# Packets that are made: source and destination, ports; when.
MADE = ("eth(src = p.eth.dst, dst = p.eth.src) / ip(src = S, dst = D) / tcp(sport = X, dport = Y)",
        "eth / ip(src = S, dst = D, ttl = 3) / tcp(sport = X, dport = Y, flags = 0x14, seq = 5)",
        "eth / ip(src = S, dst = D) / icmp(type = 3, code = 1)", "eth(type = 0x88b5)",
        "eth / vlan(id = 9) / ip(src = S, dst = D) / udp(sport = X, dport = Y)",
        "eth / ip(src = S, dst = D, proto = 99)", "eth / ip6(src = ::1, dst = ::2) / udp")
MADE_IF = ("p.tcp.flags.syn", "p.len % 3 == 0", "p.tcp.dport % 2 == 1", "!p.generated",
           "!p.turned", "p.turned && p.len % 5 != 0", "p.payload.len > 9")

# Types of keys and values of tables, and values of them: A an address, N a number.
KEYS = (("u16", "N"), ("ipaddr", "A"), ("(ipaddr, port)", "A, N"), ("u3", "u3(N)"),
        ("(u5, bool, proto, u128)", "u5(N), true, tcp, u128(N)"), ("Pair", "Pair(A, u7(N))"))
VALUES = (("", ""), ("u32", "u32(N)"), ("u8", "u8(N)"), ("(ipaddr, u16)", "(A, N)"),
          ("Pair", "Pair(A, u7(N))"), ("bucket(rate = 300, burst = 2)", "u64(N) % 3"),
          ("srtcm(rate = 90, burst = 5, excess = 4)", "u64(N) % 4, color(N)"),
          ("trtcm(9k, 40, peak = 20k, peak_burst = 50)", "u64(N) % 30"))
OPS = "+=", "+=", "-=", "^=", "|=", "*=", "<<=", "%="


class Table:
    """Of an NF: its declaration and accesses."""

    def __init__(self, r, name, shards, storages):
        self.r, self.name = r, name
        self.key, self.keys = r.choice(KEYS)
        self.value, self.values = r.choice(VALUES)
        self.full = r.choice(("refuse", "oldest", "idle"))
        time = f"{r.choice((20, 400, 3000))}ms"
        time = r.choice((f"idle = {time}", f"timeout = {time}",
                         "timeout = never" if self.full != "idle" else f"idle = {time}"))
        self.text = (f"    {r.choice(storages)} {name}: table[{self.key}"
                     f"{' -> ' + self.value if self.value else ''}]"
                     f"({shards + r.choice((0, 1, 3, 7, 40))}, {time}, full = {self.full})")

    def fill(self, text, number, flow):
        while "A" in text:
            text = text.replace("A", self.r.choice(("f.src", "f.dst") if flow else ADDRESSES), 1)
        while "N" in text:
            text = text.replace("N", number(), 1)
        return text

    def at(self, number, flow):
        return f"{self.name}[{self.fill(self.keys, number, flow)}]"

    def has(self, number, flow):
        key = self.fill(self.keys, number, flow)
        return f"{f'({key})' if ',' in self.keys else key} in {self.name}"

    def call(self, number, flow, name, otherwise):
        """Of a table of cells: what a meter says has a name, perhaps."""
        args = self.fill(self.values, number, flow)
        if self.value.startswith("bucket"):
            return f"{self.at(number, flow)}.take({args}) or {otherwise}"
        let = f"let {name} = " if name else ""
        if self.full == "refuse":
            otherwise = f" or {self.r.choice(('red', otherwise)) if name else otherwise}"
        else:
            otherwise = ""
        return f"{let}{self.at(number, flow)}.mark({args}){otherwise}"

    def read(self, number, flow, name, otherwise):
        if self.value[-1:] == ")" and self.value[0] != "(":
            return self.call(number, flow, name, otherwise)
        value = self.fill(self.values, number, flow)
        place = self.at(number, flow)
        if self.value == "Pair" and self.r.random() < .6:
            place, value = place + ".n", "3"
        names = f"({name}, {name}b)" if self.value[0] == "(" and self.r.random() < .5 else name
        return f"let {names} = {place} or {self.r.choice((value, otherwise))}"

    def write(self, number, flow, otherwise):
        place, value = self.at(number, flow), self.fill(self.values, number, flow)
        otherwise = f" or {otherwise}" if self.full == "refuse" else ""
        if self.value == "Pair" and self.r.random() < .7:
            return self.r.choice((f"{place}.n {self.r.choice(OPS)} 3{otherwise}",
                                  f"{place}.who = {self.fill('A', number, flow)}{otherwise}"))
        if self.value[:1] == "u" and self.r.random() < .7:
            return f"{place} {self.r.choice(OPS)} {value}{otherwise}"
        return f"{place} = {value}{otherwise}"

    def change(self, number, flow, otherwise):
        key = self.fill(self.keys, number, flow)
        key = f"({key})" if "," in self.keys and self.key[0] == "(" else key
        if self.r.random() < .2:
            return f"{self.name}.remove({key})"
        if self.value[-1:] == ")" and self.value[0] != "(":
            return self.call(number, flow, "", otherwise)
        if self.value:
            return self.write(number, flow, otherwise)
        return f"{self.name}.add({key})" + (f" or {otherwise}" if self.full == "refuse" else "")


class Sketch:
    """Of an NF: its declaration and statements."""

    def __init__(self, r, name):
        self.r, self.name, self.kind = r, name, r.choice(("count_min", "hyperloglog", "topk"))
        self.key, self.keys = r.choice(KEYS)
        args = {"count_min": f"{r.choice((1, 7, 100))}, depth = {r.choice((1, 4))}",
                "hyperloglog": r.choice(("", "4", "9")), "topk": r.choice(("1", "3", "40"))}
        self.text = f"    split {name}: {self.kind}[{self.key}]({args[self.kind]})"

    def key_of(self, table, number, flow):
        key = Table.fill(table, self.keys, number, flow)
        return f"({key})" if "," in self.keys and self.key[0] == "(" else key

    def add(self, number, flow):
        n = f", u64({number()})" if self.kind != "hyperloglog" and self.r.random() < .5 else ""
        return f"{self.name}.add({self.key_of(self, number, flow)}{n})"

    def asked(self, number, flow):
        key = "" if self.kind == "hyperloglog" else self.key_of(self, number, flow)
        return f"{self.name}.count({key}) % 5 < 3"


class Nf:
    """The text of one NF. It may name the labels of the sides of its chain."""

    def __init__(self, r, name, labels, two_way, storages, shards, tunnels, plain=False,
                 params=False):
        self.r, self.name, self.labels, self.two_way = r, name, labels, two_way
        self.pools, self.shared, self.lets = r.choice((0, 0, 1, 1, 2)), r.choice((0, 1, 2)), 0
        self.plain = plain
        if plain:
            self.pools = 0
        self.storage = [r.choice(storages) for _ in range(self.shared)]
        self.updates = [r.choice(UPDATES) for _ in range(self.shared)]
        self.flows = r.random() < .9
        self.tunnels = tunnels
        kept = [s for s in storages if s != "atomic"]
        self.sketches = [Sketch(r, f"k{i}") for i in range(r.choice((0, 0, 0, 1, 2)))]
        self.tables = [Table(r, f"t{i}", shards, kept) for i in range(r.choice((0, 0, 1, 2)))]
        self.level, self.emits, self.paths, self.given = 0, r.choice((0, 2, 4)), [], []
        self.params = ([p for p in ("m", "most", "rules") if r.random() < .4] if params else [])
        self.judges = False     # at hand is a handler of FLOW/CONFIG
        self.begins = False     # or of FLOW/NEW alone
        self.looks = True       # at header fields that translations change
        self.keeps = None       # how random: handlers that ask what is known with the flow
        self.moves = None       # how random: flows get other ends while they go on
        self.makes = None       # how random: packets are made
        self.files = None       # how random: tables from files are asked
        self.ends = None        # how random: who ends, and who never does, is told apart
        self.waits = None       # how random: packets wait

    def use(self):
        """In a chain."""
        args = [f"m = {self.r.choice((0, 1, 3, 80, 1025))}"] * ("m" in self.params)
        args += [f'rules = file("{self.r.choice("ab")}.acl")'] * ("rules" in self.params)
        args += [f'{t} = file("{t}")' for t in TABLES if self.files]
        return self.name + f"({', '.join(args)})" * (len(args) > 0)

    def number(self, packet, flow):
        """An u16; flow and packet: whether f and p are at hand."""
        choice = [str(self.r.choice((0, 1, 2, 53, 1024, 65535)))]
        choice += [f"u16(s{i})" for i in range(self.shared)] + self.given
        if self.flows:
            choice += ["a", "b", "a * 3", "a + b", "a ^ 21"]
        choice += [p for p in self.params if p != "rules"] * 2
        if packet:
            choice += ["u16(p.len)", "u16(p.time / 1000 % 1000)"]
        if flow:
            choice += ["f.sport", "f.dport"]
            if packet:  # known with the flow, and dear
                choice += ["f.sport * 3 + f.dport", "u16(p.hash % 11)"]
        return self.r.choice(choice)

    def condition(self, packet, flow):
        choice = [f"{self.number(packet, flow)} % 3 == {self.r.randrange(3)}" if self.flows else
                  "1 == 1"]
        if packet:
            choice += ["p.len > 100", "p.time % 3 == 1", "p.ip.ttl < 64", "p.tcp.flags.ack",
                       "!p.in_flow", "p.udp.dport in {53, 1024..5000}", "p has vlan",
                       "!(p has ip6)",
                       f"p.payload.len % 7 < {self.r.randrange(7)}", self.payload(packet, flow)]
        if not self.looks:
            choice = [c for c in choice if "dport" not in c]
        if flow:
            choice += ["f.src in 0.0.0.0/0", "f.src in 0.0.0.0/0", "f.proto in {tcp, udp, icmp}",
                       "f.sport > f.dport", "f.dst in {198.51.100.0/25, 2001:db8::/32}"]
        if flow and "rules" in self.params:
            choice += [f"rules.lookup(f) == {self.r.choice(('deny', 'allow'))}"] * 5
        if self.tables:
            choice += [self.r.choice(self.tables).has(lambda: self.number(packet, flow), flow)] * 3
        if packet and self.tunnels:
            choice += self.r.choices(INNER, k=2)
            header = self.r.choice(("eth", "ip", "ip6", "tcp", "udp", "vlan", "gre", "gre.ip"))
            choice += [f"fnv(p.{header}.bytes, {self.number(packet, flow)}) % 5 < 2"] * 2
        if self.sketches:
            choice += [self.r.choice(self.sketches).asked(lambda: self.number(packet, flow), flow)]
        some = self.r.choices(choice, k=self.r.choice((1, 1, 2)))
        return self.r.choice((" && ", " || ")).join(some)

    def payload(self, packet, flow):
        """A condition on its bytes; those of random packets are often small numbers."""
        text = self.r.choice(("", "a", "\\x01", "\\x01\\x02", "\\xff", "GET "))
        at = f", at = {self.number(packet, flow)}" if self.r.random() < .4 else ""
        ask = self.r.choice(("starts", "contains", "contains", "ends"))
        return f'p.payload.{ask}("{text}"{"" if ask == "ends" else at})'

    def look(self, packet, flow):
        """At a number in the payload."""
        self.lets += 1
        at = self.r.choice((self.number(packet, flow), "0", "1", "4"))
        read = self.r.choice((f"u8({at})", f"u16({at})", f"u32({at})", 'find("\\x02")',
                              f'find("\\x01", at = {at})'))
        line = f"let n{self.lets} = p.payload.{read} or {self.otherwise()}"
        return [line, f"a ^= u16(n{self.lets})"] if self.flows else [line]

    def known(self):
        """With the flow: asked at once, or under a condition, or by another one."""
        self.lets += 1
        name = f"n{self.lets}"
        value = self.r.choice(("f.sport % 7 + f.dport % 3", "u16(p.hash % 5)", "f.sport ^ f.dport",
                               *(f"f.sport + {p}" for p in self.params if p != "rules")))
        use = self.r.choice((f"a += {name}", f"if {name} % 2 == 1 {{ b += {name} }}",
                             f"if p.len % 2 == 1 {{ a ^= {name} }}",
                             f"if {name} % 3 == 1 || f.proto == udp && f.dport > 99 {{ a += 3 }}"))
        return [f"let {name} = {value}", use]

    def drop(self):
        flow = "flow " if self.judges or self.flows and self.r.random() < .4 else ""
        if self.begins and self.r.random() < .5:
            flow = "new "
        return f'drop {flow}"{self.r.choice(REASONS)}"'

    def otherwise(self, value=True):
        choice = [self.drop(), "return", f"{{ {self.drop()} }}"]
        if value:
            choice += ["9", "9", "9"]
        elif self.flows:
            choice += ["{ b += 1 }"]
        return self.r.choice(choice)

    def rewrite(self, port="f.sport"):
        ends = []
        if self.r.random() < .7:
            port = self.r.choice((port, port, "f.sport", "a" if self.flows else "77"))
            # Its own address: the port alone changes.
            ends.append(f"src = ({self.r.choice((*ADDRESSES, 'f.src'))}, {port})")
        if not ends or self.r.random() < .2:
            ends.append(f"dst = ({self.r.choice(ADDRESSES)}, "
                        f"{self.r.choice(('f.dport', '8080'))})")
        return f"f.rewrite({', '.join(ends)}) or {self.otherwise(False)}"

    def take(self):
        self.lets += 1
        name = f"n{self.lets}"
        pool = f"pool{self.r.randrange(self.pools)}"
        lines = [f"let {name} = {pool}.take(f) or {self.otherwise()}"]
        if self.two_way and self.r.random() < .8:
            lines.append(self.rewrite(name))
        return lines

    def headers(self, packet, flow):
        """Added or removed."""
        if self.r.random() < .5:
            text = f"p.decap({self.r.choice(REMOVES)})"
        else:
            text = self.r.choice(ADDS).replace("OUTER", self.r.choice(OUTER))
            text = text.replace("= A", f"= {self.r.choice(ADDRESSES)}")
            text = f"p.encap({text.replace('N', self.number(packet, flow))})"
        return text + self.r.choice(("", f" or {self.otherwise(False)}", " or { }"))

    def access(self, packet, flow):
        """To a table."""
        table, otherwise = self.r.choice(self.tables), ["return", "{ return }"]
        if packet:
            otherwise += [self.drop(), self.drop()]
        if not table.value or self.r.random() < .6:
            otherwise += ["{ b += 1 }"] if self.flows else ["{ }"]
            return [table.change(lambda: self.number(packet, flow), flow,
                                 self.r.choice(otherwise))]
        self.lets += 1
        name = f"n{self.lets}"
        line = table.read(lambda: self.number(packet, flow), flow, name,
                          self.r.choice(otherwise))
        if not self.flows or table.value[0] != "u":
            return [line]
        return [line, f"a ^= u16({name})"]

    def statement(self, packet, flow, depth):
        choice = ["count"] * 4 + ["if"] * 3 * (depth < 3)
        if packet:
            choice += ["write"] * 2 + ["look"] + ["drop", "return"] * (depth > 0)
        if flow and packet and self.flows:
            choice += ["known"]
        if flow and packet:
            choice += ["take"] * 4 * (self.pools > 0) + ["rewrite"] * 2 * (
                self.two_way and not self.plain)
        if flow and self.judges:
            choice += ["rewrite"] * 2 * (self.two_way and not self.plain)
        choice += ["table"] * 3 * len(self.tables) + ["sketch"] * 2 * len(self.sketches)
        choice += ["emit"] * 3 * (self.emits > 0 and self.level < 3)
        choice += ["switch"] * (len(self.paths) > 0 and self.flows) + ["away"] * (
            not packet and (self.level > 0 or self.judges) and self.flows and depth > 0)
        if packet and self.tunnels:
            choice += ["headers"] * 4
        kind = self.r.choice(choice)
        if kind in ("emit", "switch", "away", "headers"):
            return [getattr(self, kind)(packet, flow)]
        if kind == "sketch":
            return [self.r.choice(self.sketches).add(lambda: self.number(packet, flow), flow)]
        if kind == "table":
            return self.access(packet, flow)
        if kind == "count":
            names = ["a", "b"] * self.flows + [f"s{i}" for i in range(self.shared)]
            if not names:
                return []
            name = self.r.choice(names)
            number = self.number(packet, flow)
            if name[0] == "s" and self.storage[int(name[1:])] == "atomic":
                while "u16(s" in number:  # it may not change by such state
                    number = self.number(packet, flow)
                update = self.r.choice(self.updates[int(name[1:])])
                while "(s" in number:   # it may not ask itself, nor atomic state twice
                    number = self.number(packet, flow)
                return [update.replace("N", name).replace("V", f"u32({number})")]
            return [f"{name} {self.r.choice(('+=', '+=', '^=', '='))} "
                    f"{'u32(' + number + ')' if name[0] == 's' else number}"]
        if kind == "write":
            header, writes = self.r.choice(WRITES)
            write = self.r.choice(writes).replace("A", "a" if self.flows else "5")
            return [f"if p has {header} {{ {write} }}"]
        if kind == "look":
            return self.look(packet, flow)
        if kind == "known":
            return self.known()
        if kind == "if":
            lines = [f"if {self.condition(packet, flow)} {{", *self.block(packet, flow, depth + 1)]
            if self.r.random() < .3:
                lines += ["} else {", *self.block(packet, flow, depth + 1)]
            return [*lines, "}"]
        if kind in ("drop", "return"):
            return [self.drop() if kind == "drop" else "return"]
        return self.take() if kind == "take" else [self.rewrite()]

    def block(self, packet, flow, depth):
        lines = []
        for _ in range(self.r.choice((1, 1, 2, 3))):
            lines += self.statement(packet, flow, depth)
            if lines and lines[-1].startswith(("drop", "return")):
                break
        return ["    " + line for line in lines]

    # -- events

    def emit(self, packet, flow):
        self.emits -= 1
        number = self.number(packet, flow)
        choice = [f"emit NF/ONE({number})", f"emit NF/ONE/MORE({number}, {ADDRESSES[0]}, 3)"]
        choice = choice * (self.level == 0)
        if self.level < 2 and self.flows:
            choice += [f"emit NF/TWO(pair = Pair({ADDRESSES[1]}, u7({number})), ok = a > b)"] * 2
        return self.r.choice(choice + ["emit NF/LAST"])

    def switch(self, *_):
        return f"{self.r.choice(('subscribe', 'unsubscribe'))} {self.r.choice(self.paths)}"

    def away(self, *_):
        return f'drop flow "{self.r.choice(REASONS)}"'

    def taker(self):
        """A handler of what NFs emit."""
        path, self.level, binders = self.r.choice(EMITTED)
        self.level += 1
        where = ""
        if self.r.random() < .3:
            word = self.r.choice(("from", "at"))
            where = f" {word} " + self.r.choice(("client", "server", *self.labels))
        if not self.flows:
            binders = binders.replace("(f, pair)", "(_, pair)")
        self.given = (["n"] * ("(n" in binders) + ["u16(x)"] * ("x" in binders) +
                      ["u16(pair.n)"] * ("pair" in binders))
        self.lets = 20  # n1 and the like are no names of tables' values here
        if self.level == 3:  # rules may emit it, so it changes nothing that they ask
            body = ["    z += 1"] if self.flows else []
        else:
            body = self.block(False, "(f" in binders, 0)
        self.level, self.given = 0, []
        return [f"    on {path}{where}{binders} {{", *["    " + line for line in body], "    }"]

    def translator(self):
        """Most flows from a side get other ends, without much ado."""
        self.lets = 0
        where = f" from {self.r.choice(('client', 'client', *self.labels))}"
        cond = self.r.choice(("", " if f.proto in {tcp, udp}", " if f.dport > 50"))
        self.begins = True
        body = self.take() if self.pools and self.r.random() < .5 else []
        if not body or "rewrite" not in body[-1]:
            body.append(self.rewrite())
        self.begins = False
        return [f"    on FLOW/NEW{where} (f, p){cond} {{", *["        " + b for b in body], "    }"]

    def mover(self, r):
        n, ends = r.choice((4, 5, 7)), r.sample(ADDRESSES, 2)
        body = [f"        if moved % {n} == {2 * i} {{ f.rewrite(src = ({a}, f.sport)) or return }}"
                for i, a in enumerate(ends)]
        return ["    flow moved: u16", "    on PKT (p, f) {", "        moved += 1", *body, "    }"]

    def maker(self, r):
        """Packets go back and onward, of the flow and of none, or turn around."""
        way, cond = r.choice(("reply", "reply", "send")), r.choice(MADE_IF)
        stack = r.choice(MADE)
        data = r.choice(("", "", ", data = p.payload", ", data = p.ip.bytes"))
        ends = ("p.ip.dst", "p.ip.src") if way == "reply" else ("p.ip.src", "p.ip.dst")
        stack = stack.replace("S", ends[0]).replace("D", ends[1])
        ports = ("p.tcp.dport", "p.tcp.sport") if way == "reply" else ("p.tcp.sport", "p.tcp.dport")
        stack = stack.replace("X", ports[0]).replace("Y", ports[1])
        if data and r.random() < .7:
            data += f", most = {r.choice((1, 8, 28, 548))}"
        where = r.choice(("", "", " from client", f" from {self.labels[1]}"))
        end = r.choice(("", "", "            drop \"answered\"\n"))
        if r.random() < .3:
            return [f"    on PKT{where} (p) if p has ip && {cond} {{",
                    "        p.turn()", *end.splitlines(), "    }"]
        return [f"    on PKT{where} (p) if p has ip && p has tcp && {cond} {{",
                f"        p.{way}({stack}{data})", *end.splitlines(), "    }"]

    def waiter(self, r):
        """Some packets wait, until their time is over or others come."""
        key, other = r.choice((("p.ip.dst", "p.ip.src"), ("p.ip.src", "p.ip.src"),
                               ("p.ip.src", "p.ip.dst")))
        of, every = r.choice((2, 3, 5, 16)), r.choice((1, 2, 3, 9))
        where = r.choice(("", "", " from client", f" from {self.labels[1]}"))
        alt = r.choice(("return", "return", 'drop "full"', '{ turn += 5; drop "full" }'))
        ask = r.choice(("", f" && p.{r.choice(('len', 'ip.id'))} % 3 != 1"))
        return [f"    shared waits: queue[ipv4](size = {r.choice((1, 3, 20))}, "
                f"each = {r.choice((1, 2, 5))}, timeout = {r.choice(('1ms', '30ms', '1s'))})",
                "    shared turn: u32",
                f"    on PKT{where} (p) if p has ip{ask} {{", "        turn += 1",
                f"        if turn % {every} == 0 {{ waits.release({other}) }}",
                f"        if turn % {of} != 0 && waits.count({key}) < 4 {{",
                f"            waits.hold(p, {key}) or {alt}", "        }", "    }"]

    def keeper(self, r):
        """Asks each packet what is known with its flow, or what only its answers change."""
        params = [p for p in self.params if p != "rules"]
        value = r.choice(("f.sport ^ f.dport", "f.sport % 50 * 3 + f.dport", "u16(p.hash % 9)"))
        value += f" + {r.choice(params)}" if params else ""
        cond = r.choice(("known % 3 == 1", "known % 2 == 0 && f.proto == udp", "f.sport > f.dport",
                         *(f"f.sport % 9 > {p} % 7" for p in params),
                         *["rules.lookup(f) == allow"] * 2 * ("rules" in self.params)))
        lines = ["    flow kept, told: u16", "    on PKT (p, f) {", f"        let known = {value}",
                 f"        if {cond} {{ kept += 1 }}",
                 "        if p.len % 2 == 1 { kept += known * 2 }", "    }"]
        if not self.two_way or r.random() < .4:
            return lines
        near, far = r.sample(self.labels, 2)
        tell = r.choice(("told += 1", "if p.len % 3 == 1 { told += 1 }", "told = u16(p.len % 4)"))
        cond = r.choice(("told > 2 && f.dport > 80", "told % 3 == 1 || f.sport % 5 == 2",
                         "told != known % 4 && f.proto == udp"))
        return [*lines, f"    on PKT from {near} (p, f) {{", f"        let known = {value}",
                f"        if {cond} {{ kept ^= 21 }}", "    }",
                f"    on PKT from {far} (p) {{ {tell} }}"]

    def finder(self, r, asleep):
        """What files say of the packet's addresses, or of the flow's."""
        flow = self.flows and (r.random() < .6 or "PKT" in asleep)
        if not flow and "PKT" in asleep:
            return []
        if flow and "FLOW/NEW" not in asleep and r.random() < .5:
            head, at = "on FLOW/NEW (f, p) {", ("f.src", "f.dst", "f.dport", "f.proto")
        elif flow and "PKT" not in asleep:
            head, at = "on PKT (p, f) {", ("f.src", "f.dst", "f.sport", "f.proto")
        elif "PKT" not in asleep:
            head = "on PKT (p) if p has ip {"
            at = "p.ip.src", "p.ip.dst", "p.ip.id", "p.ip.proto"
        else:
            return []
        to = "a" if self.flows and "(p) if" not in head else ""
        other = r.choice(("5", 'drop "no row"', "return", "77"))
        lines = [head, f"    let r0 = routes[{r.choice(at[:2])}] or {other}",
                 f"    let r1 = rows[{r.choice(at[:2])}, {at[2]}, {at[3]}] or 3"]
        lines += [f"    {to} {r.choice(('+=', '^='))} r0 + u16(r1)"] if to else []
        lines += [f"    if {at[0]} in some && (r0 > 3 || u16(r1) == 9) {{ "
                  + r.choice(('drop "some"', f"{to} += 1" if to else "return")) + " }"]
        return ["    " + line for line in lines] + ["    }"]

    def ender(self, r):
        """Tells flows that were pushed out from others that ended, and from those that live when
        the run ends."""
        where = r.choice(("", "", " from client", f" at {self.labels[0]}"))
        more = ["emit NF/LAST", "emit NF/ONE(u16(f.dport))", "a += 1", "a += z", "ended ^= still"]
        lines = ["    flow still: u16", "    split ended, pushed: u32"]
        lines += r.choice((
            ["    on FLOW/END (f) if f.evicted { pushed += u32(f.sport) }"],
            ["    on FLOW/END (f) {", "        if f.evicted { pushed += 1 } else { ended += 1 }",
             "    }"],
            [f"    on FLOW/END{where} (f) if !f.evicted && f.proto == udp {{ ended += 1 }}"], []))
        body = r.sample(more, r.choice((0, 1, 2)))
        body = [b.replace("still", "u32(still)") for b in body]
        lines += [f"    on FLOW/STOP{where} (f) {{", f"        still += {self.number(False, True)}",
                  *("        " + b for b in body), "    }"]
        if r.random() < .3:
            lines.append("    on FLOW/STOP, FLOW/END { ended += 1 }")
        return lines

    def writer(self):
        """Writes to the headers of all packets."""
        body = []
        for _ in range(self.r.choice((1, 2, 3))):
            header, writes = self.r.choice(WRITES[:2] + WRITES)
            write = self.r.choice(writes).replace("A", "a" if self.flows else "5")
            body.append(f"        if p has {header} {{ {write} }}")
        where = self.r.choice(("", "", " from client", f" from {self.labels[1]}"))
        return [f"    on PKT{where} (p) {{", *body, "    }"]

    def timer(self):
        period = self.r.choice(("7ms", "100ms", "1s", "30s", "10min"))
        flows, self.flows, self.lets = self.flows, False, 0
        self.given = ["u16(n)"]
        body = self.block(False, False, 0)
        self.flows, self.given = flows, []
        return [f"    on timer {period} (n) {{", *["    " + line for line in body], "    }"]

    def rule(self):
        asked = ["a", "b"] * self.flows + [f"u16(s{i})" for i in range(self.shared)
                                           if self.storage[i] != "atomic"]
        if not asked:
            return []
        self.level, self.lets = 2, 0
        body = self.block(False, False, 0)
        self.level = 0
        return [f"    when {self.r.choice(asked)} % 5 > {self.r.choice((0, 1, 3))} {{",
                *["    " + line for line in body], "    }"]

    def handler(self, events, asleep):
        packet = flow = False
        binders = where = condition = ""
        if self.r.random() < .3:
            where = self.r.choice((" from ", " from ", " at "))
            where += self.r.choice(("client", "server", *self.labels))
        if asleep:
            where = " asleep" + where
        if "CONFIG" in events and self.flows:
            flow, binders, self.judges = True, " (f)", True
        elif "," not in events and self.flows:
            packet, flow = events != "FLOW/END", True
            binders = {"P": " (p, f)", "F": " (f, p)" if packet else " (f)"}[events[0]]
        elif "," not in events and events[0] == "P":
            packet, binders = True, " (p)"
        if self.r.random() < .4:
            condition = f" if {self.condition(packet, flow)}"
        self.lets = 0
        self.begins = events == "FLOW/NEW" and self.flows
        body = self.block(packet, flow, 0)
        self.judges = self.begins = False
        return [f"    on {events}{where}{binders}{condition} {{",
                *["    " + line for line in body], "    }"]

    def text(self):
        kinds = {"m": "m: u16", "most": "most: u16 = 300", "rules": "rules: acl"}
        params = ", ".join([*(kinds[p] for p in self.params),
                            *(f"{t}: {TABLES[t]}" for t in TABLES if self.files)])
        lines = [f"nf {self.name}{f'({params})' if params else ''} {{"]
        if self.flows:
            lines.append("    flow a, b, z: u16")
        lines += [f"    {self.storage[i]} s{i}: u32" for i in range(self.shared)]
        lines += [t.text for t in (*self.tables, *self.sketches)]
        for i in range(self.pools):
            low = self.r.choice((1024, 1030, 5000, 0, 65500))
            lines.append(f"    shared pool{i}: pool({self.r.choice(ADDRESSES)}, "
                         f"{low}..{low + self.r.choice((0, 3, 10, 35))})")
        events = self.r.choices(EVENTS, k=self.r.choice((1, 2, 3, 4)))
        if self.params and self.flows:
            events += self.r.sample(JUDGED, k=self.r.choice((0, 1, 1, 2)))
        self.paths = [e for e in events if "," not in e]
        asleep = {e for e in self.paths if self.r.random() < .2 and self.flows}
        asleep -= {p for e in events if "," in e for p in e.split(", ")}
        more = [self.writer] * self.r.choice((0, 0, 1))
        if self.two_way and not self.plain and self.flows:
            more += [self.translator] * self.r.choice((0, 1))
        asleep -= {"PKT", "FLOW/NEW"} if more else set()
        if self.r.random() < .5:
            self.paths = sorted(asleep)
        handlers = [lambda e=e: self.handler(e, e in asleep) for e in events]
        handlers += more
        handlers += [self.taker] * self.r.choice((0, 0, 1, 2, 3))
        handlers += [self.timer] * self.r.choice((0, 0, 0, 1))
        handlers += [self.rule] * self.r.choice((0, 0, 0, 1, 2))
        self.r.shuffle(handlers)
        for handler in handlers:
            lines += handler()
        if self.keeps and "PKT" not in asleep:
            lines += self.keeper(self.keeps)
        if self.moves and "PKT" not in asleep:
            lines += self.mover(self.moves)
        if self.makes and "PKT" not in asleep:
            lines += self.maker(self.makes)
        if self.files:
            lines += self.finder(self.files, asleep)
        if self.ends and "FLOW/END" not in asleep:
            lines += self.ender(self.ends)
        if self.waits and "PKT" not in asleep:
            lines += self.waiter(self.waits)
        return "\n".join([*lines, "}", ""])


def choosers(r, translates, two_way):
    """NFs with exits; where an NF translates, flows choose once."""
    late = ("PKT (p) if p.len % 5 == 2 { goto flow y }", "PKT/TCP { goto flow x }",
            "FLOW/CONFIG { goto y }")
    once = ("FLOW/NEW (f) if f.sport % 3 == 1 { goto x }",
            "FLOW/NEW (f) if f.proto == udp { goto y }",
            "FLOW/NEW (f) if f.dport < 1024 { goto y }", "FLOW/NEW from client { goto x }")
    packet = "PKT (p) if p.len > 100 { goto x }", "PKT/UDP { goto y }"
    choice = [*once, *(() if translates else late), *(() if two_way else packet)]
    return [f"nf C{i} {{\n    exits x, y\n" +
            "".join(f"    on {h}\n" for h in r.sample(choice, r.choice((1, 2, 3)))) + "}\n"
            for i in range(2)]


def way(r, names, left, depth=0):
    """Some NFs, perhaps with branches; left: how many more there may be, in a list."""
    if left[0] < 0:
        return " -> ".join(r.choice(names) for _ in range(r.choice((1, 2, 3, 4))))
    steps = []
    for _ in range(r.choice((1, 2, 3, 4) if depth == 0 else (1, 1, 2))):
        left[0] -= 1
        if left[0] < 0 or depth == 2 or r.random() < .65:
            steps.append(r.choice(names))
            continue
        exits = r.choice((("x", "y", "else"), ("x", "else"), ("x, y", "else"), ("y", "else")))
        ends = r.choice(("", "", " -> out", " -> drop")), r.choice(("", " -> out")), ""
        branches = [f"{x} -> " + (r.choice(("next", "out", "drop")) if r.random() < .3
                                  else way(r, names, left, depth + 1) + ends[i])
                    for i, x in enumerate(exits)]
        steps.append(f"C{r.randrange(2)} {{ {'; '.join(branches)} }}")
    return " -> ".join(steps)


def named(r, text, again):
    """Some places of a way have names; perhaps a place of one branch is one of another, too."""
    n = [0]

    def name(m):
        n[0] += 1
        return f"{m[0]} as q{n[0]}" if r.random() < .4 else m[0]

    text = re.sub(r"\b(N\d(\((?:[^()]|\([^()]*\))*\))?|Both)", name, text)
    m = re.search(r"\{ x -> ([^;{}]*\bN[^;{}>]* as (q\d+)[^;{}]*); y -> ([^;{}]*);", text)
    if m and again and r.random() < .7:
        text = f"{text[:m.start(3)]}{m[2]} -> {text[m.start(3):]}"
    return text


def ruled(r, text):
    """The same NFs in an order that follows from rules."""
    uses = [f"{u} as q{i}" for i, u in enumerate(text.split(" -> "))]
    order = [f"q{i}" for i in range(len(uses))]
    r.shuffle(order)
    rules = [f"Position({order[0]}, first)"] * (r.random() < .3)
    rules += [f"Position({order[-1]}, last)"] * (r.random() < .3)
    for i, a in enumerate(order):
        rules += [r.choice((f"Order({a}, before, {b})", f"Order({b}, after, {a})",
                            f"Priority({b} > {a})"))
                  for b in order[i + 1:] if r.random() < .4]
    r.shuffle(rules)
    return "{\n        " + ", ".join(uses) + "".join(f"\n        {x}" for x in rules) + "\n    }"


def several(seed, name, labels, two_way, shards, table, texts, uses, plain, straight):
    """One chain, or up to three that share ports. Those are divided in the same way if nothing
    is leased or translated and each knows flows; else each has one shard."""
    r = random.Random(f"several {seed}")
    n, arrow = r.choice((2, 3) if plain else (1, 1, 1, 2, 3)), "<->" if two_way else "->"
    n = 1 if straight else n
    first = ""
    if plain:
        first = "Z -> "
        texts.append("nf Z {\n    flow z: u8\n    on PKT { z += 1 }\n}\n")
    elif n > 1:
        table = table.replace(f"shards = {shards}", "shards = 1")
    text = ""
    for i in range(n):
        ports, cond = r.choice((("left", "right"), ("left", "right"), ("left", "other"))), ""
        if i == 0:
            ports = "left", "right"
        elif two_way and r.random() < .2:
            ports = ports[::-1]
        if i < n - 1 or (n > 1 and r.random() < .3):
            cond = " if " + r.choice((" && ", " || ")).join(r.choices(ASKED, k=r.choice((1, 2))))
        text += (f"\nchain {name}{'bc'[i - 1] * (i > 0)} ({labels[0]} {ports[0]} {arrow} "
                 f"{labels[1]} {ports[1]}){cond}\n    with {table} =\n    {first}{uses()}\n")
    return text


def pair(r, labels, i):
    """The texts of NFs that add headers, look perhaps, and remove them; and their way."""
    adds, removes = r.choice(PAIRS)
    adds = adds.replace("OUTER", r.choice(OUTER)).replace("N", str(r.choice((3, 7, 4000))))
    adds = adds.replace("= A", f"= {r.choice(ADDRESSES)}")
    where = r.choice(("", "", f" from {labels[0]}", f" from {labels[1]}"))
    other = [r.choice(("", ' or drop "three"', " or { }")) for _ in range(2)]
    cond = r.choice(("", "", "", " if p has ip"))
    wheres = where, r.choice((where, where, where, ""))
    body = r.choices(BETWEEN, k=r.choice((0, 1, 2))) + r.choices(LOOKING, k=r.choice((0, 0, 1)))
    r.shuffle(body)
    texts = [f"nf Add{i} {{ on PKT{where} (p){cond} {{ p.encap({adds}){other[0]} }} }}\n",
             f"nf Del{i} {{ on PKT{wheres[1]} (p){cond} {{ p.decap({removes}){other[1]} }} }}\n",
             f"nf Mid{i} {{\n    split w: u64\n    on PKT (p) {{\n        w += 1\n" +
             "".join(f"        {line}\n" for line in body) + "    }\n}\n"]
    return texts, [f"Add{i}", f"Mid{i}", f"Del{i}"]


def paired(r, text, labels, texts):
    """The way with one pair or two in it: behind one another, or one in the other."""
    more, steps = pair(r, labels, 0)
    texts += more
    if r.random() < .5:
        more, inner = pair(r, labels, 1)
        texts += more
        steps = steps[:2] + inner + steps[2:] if r.random() < .6 else steps + inner
    steps, whole = " -> ".join(steps), text.split(" -> ")
    if r.random() < .3:
        return steps.replace("-> Mid0", f"-> {r.choice(whole)} -> Mid0", 1)
    return f"{steps} -> {text}" if r.random() < .5 else f"{text} -> {steps}"


def times(seed):
    """Protocols whose flows have times of their own."""
    r = random.Random(f"times {seed}")
    return "".join(f", {p} = {r.choice((1, 3, 700, 900, 20000))}ms"
                   for p in ("udp", "icmp", "icmp6", "gre") if r.random() < .2)


def cut(seed):
    """What becomes of fragments."""
    r = random.Random(f"fragments {seed}")
    if r.random() < .75:
        return ""
    return f", fragments = {r.choice(('track', 'track', 'reassemble', 'refuse'))}"


def program(name, seed):
    r = random.Random(f"chains {seed}")
    labels, two_way = r.choice((("inside", "outside"), ("near", "far"))), r.random() < .85
    shards = r.choice((1, 2, 3, 8))
    storages = ("split", "atomic", "shared")[:3 if shards == 1 else 2]
    # Six of ten are chains as most are: the fast path takes their packets.
    straight = random.Random(f"straight {seed}").random() < .6
    tunnels = r.random() < (.05 if straight else .5)
    # Several chains of more than one shard neither lease nor translate.
    plain = not straight and shards > 1 and random.Random(f"plain {seed}").random() < .4
    nfs = [Nf(r, f"N{i}", labels, two_way, storages, shards, tunnels, plain, True)
           for i in range(r.choice((1, 2, 3)))]
    for n in nfs:
        n.looks = not straight or r.random() < .15
    luck = random.Random(f"moves {seed}")
    if straight and two_way and luck.random() < .45:
        for n in nfs:
            n.moves = luck if n.flows else None
    kept = random.Random(f"kept {seed}")
    for n in nfs:
        n.keeps = kept if straight and n.flows and kept.random() < .4 else None
    made = random.Random(f"made {seed}")
    if two_way and made.random() < .25:
        for n in nfs:
            n.makes = made if made.random() < .6 else None
    thin = straight and not tunnels and luck.random() < .3
    ends = random.Random(f"ends {seed}")
    for n in nfs:
        n.ends = ends if n.flows and ends.random() < .25 else None
    idle = r.choice((1, 10, 60))
    table = (f"flows({r.choice((1, 5, 30, 200))}, idle = {idle}s, "
             f"opening = {r.choice((idle * 300, 500))}ms, closing = {r.choice((1, 700))}ms, "
             f"full = {r.choice(('refuse', 'oldest', 'idle'))}, shards = {shards}"
             f"{cut(seed)}{times(seed)})")
    files = random.Random(f"files {seed}")
    for n in nfs:
        n.files = files if files.random() < .25 else None
    waits = random.Random(f"waits {seed}")
    for n in nfs:
        n.waits = waits if shards == 1 and waits.random() < .35 else None
    texts = [n.text() for n in nfs]
    names = [n.use() for n in nfs]
    if r.random() < .5:
        texts.append(f"nf Both = {r.choice(names)} -> {r.choice(names)}\n")
        names.append("Both")
    texts += choosers(r, any(".rewrite(" in t for t in texts), two_way)
    places = random.Random(f"places {seed}")
    pairs = random.Random(f"pairs {seed}")
    pairs = pairs if straight and pairs.random() < .25 else None

    def uses():
        text = way(r, names, [-1 if straight else 12])
        if pairs:
            return paired(pairs, text, labels, texts)
        if places.random() < .7:
            return text
        return ruled(places, text) if straight and places.random() < .5 else named(
            places, text, not any(".rewrite(" in t for t in texts))

    chains = several(seed, name, labels, two_way, shards, table, texts, uses, plain, straight)
    quotes = random.Random(f"quotes {seed}").random() < .15
    head = HEAD.replace("use std.acl", "use std.hdr.icmp_error\nuse std.acl") if quotes else HEAD
    head = f"{TUNNELS * (tunnels or pairs is not None)}{head}{THIN * thin}{BYTES * tunnels}"
    return (f"// seed {seed}\n// ordered\n{head}" +
            "\n".join(texts) + chains)


def main(args):
    if not args:
        sys.exit(__doc__)
    print(program(args[1] if len(args) > 1 else "random", args[0]), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
