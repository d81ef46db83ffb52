#!/usr/bin/env python3
"""Programs derived from the compiler's own grammar, and those of the tree, as seeds:

    grammar.py SOURCES FOLDER COUNT SEED

The rules are those of parse.y, words those of scan.c, operators those of lex.l: a construct that
is new there is in the programs, too. Names are mostly those of the standard library.
"""
import pathlib
import random
import re
import sys

NAMES = ("p f n x y a b tcp ip ip6 udp eth icmp u8 u16 u32 u64 u128 bool ipv4 ipaddr port src dst "
         "sport dport proto len flags ttl std net Nat Monitor PKT TCP FLOW NEW END lan wan left "
         "right inside outside main table range flows size idle full refuse oldest take lookup "
         "rewrite limit count syn packet new free rules pool acl").split()
LITERALS = ("0 1 2 7 20 80 443 1024 65535 64k 1M 0xff 0b101 5min 30s 100ms 10.0.0.1 10.0.0.0/8 "
            "2001:db8::1 2001:db8::/32 02:00:00:00:00:01 4294967295").split()
STRINGS = ['"web"', '"x.acl"', '""', '"a\\n"']


def read_words(src):
    text = (src / "compiler/front/scan.c").read_text()
    return {f"{token}": [word] for word, token in re.findall(r'\{"(\w+)", T_(\w+), \w+\}', text)}


def read_signs(src):
    signs = {}
    text = (src / "compiler/front/lex.l").read_text()
    for sign, token in re.findall(r'^"([^"]+)"\s+(?:return|OPERATOR\()\s*T_(\w+)', text, re.M):
        signs.setdefault(token, []).append(sign)
    return signs


def read_rules(src):
    """symbol -> alternatives, each a list of symbols."""
    text = (src / "compiler/front/parse.y").read_text().split("\n%%\n")[1]
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    out, depth, i = [], 0, 0
    while i < len(text):        # without the actions
        c = text[i]
        if c == "'":
            out.append(text[i:i + 3] if not depth else "")
            i += 3
            continue
        if c == '"' and depth:
            i = text.index('"', i + 1) + 1
            continue
        depth += c == "{"
        if not depth:
            out.append(c)
        depth -= c == "}"
        i += 1
    tokens = re.findall(r"'.'|%?\w+|[:|;]", "".join(out))
    rules, name = {}, None
    for k, t in enumerate(tokens):
        if k + 1 < len(tokens) and tokens[k + 1] == ":":
            name = t
            rules[name] = [[]]
        elif t == "|":
            rules[name].append([])
        elif t not in (":", ";", "%empty"):
            if t == "%prec":
                tokens[k + 1] = "%empty"
            else:
                rules[name][-1].append(t)
    return {n: [a for a in alts if "error" not in a] for n, alts in rules.items()}


class Grammar:
    def __init__(self, src):
        self.rules = read_rules(src)
        self.texts = {**read_words(src), **read_signs(src), "NL": ["\n"], "LITERAL": LITERALS,
                      "STRING": STRINGS, "NAME": NAMES}
        self.cost = {}
        changed = True
        while changed:
            changed = False
            for name, alts in self.rules.items():
                best = min((self.price(a) for a in alts), default=999)
                if best < self.cost.get(name, 999):
                    self.cost[name], changed = best, True

    def price(self, alternative):
        return 1 + max((self.cost.get(s, 999) if s in self.rules else 0 for s in alternative),
                       default=0)

    def derive(self, r, symbol, depth, out):
        if symbol not in self.rules:
            out.append(symbol[1] if symbol[0] == "'" else r.choice(self.texts.get(symbol, ["?"])))
            return
        alts = self.rules[symbol]
        fit = [a for a in alts if self.price(a) <= depth] or \
            [min(alts, key=self.price)]
        if symbol == "name" and r.random() < 0.9:
            fit = [a for a in fit if a == ["NAME"]] or fit
        for s in r.choice(fit):
            self.derive(r, s, depth - 1, out)

    def program(self, r):
        out = []
        for _ in range(r.choice((1, 1, 2, 4))):
            self.derive(r, "decl", r.choice((8, 12, 18)), out)
            out.append("\n")
            if len(out) > 3000:
                break
        head = r.choice(("", "use std.net\n", "use std.net\n"))
        return head + re.sub(r" *\n *", "\n", " ".join(out))


def written(src):
    """The programs of the tree."""
    for folder in ("stdlib", "examples", "tests/chain", "tests/golden"):
        for path in sorted((src / folder).glob("**/*.nfl")):
            yield re.sub(r"^//[!>].*\n?", "", path.read_bytes().decode("utf-8", "replace"),
                         flags=re.M)
    yield from re.findall(r"^```nfl[^\n]*\n(.*?)^```",
                          (src / "compiler/LANGUAGE.md").read_text(), re.M | re.S)


def main():
    src, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    count, seed = int(sys.argv[3]), int(sys.argv[4])
    folder.mkdir(parents=True, exist_ok=True)
    texts = [t for t in written(src) if t and len(t) < 8000]
    grammar, r = Grammar(src), random.Random(seed)
    texts += [t for t in (grammar.program(r) for _ in range(count)) if len(t) < 8000]
    for i, text in enumerate(texts):
        (folder / f"{i:05}.nfl").write_text(text)
    print(f"{len(texts)} seeds")


main()
