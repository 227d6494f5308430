# SPDX-License-Identifier: Apache-2.0
"""Draws docs/pictures/*.svg from docs/pictures/recorded: tools/pictures."""

import html
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parents[1]
RECORDED = HERE / "recorded"

MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
SANS = "system-ui, 'DejaVu Sans', Helvetica, Arial, sans-serif"
INK, PALE, LINE = "#1f2933", "#f7f9fb", "#8a99a8"
BLUE, GREEN, AMBER, GREY = "#2563eb", "#15803d", "#b45309", "#64748b"


def load(name):
    return json.loads((RECORDED / name).read_text())


class Drawing:
    """An SVG that grows line by line."""

    def __init__(self, width, height, title):
        self.size = (width, height)
        self.title = title
        self.parts = []

    def box(self, x, y, w, h, fill="white", stroke=LINE, dash=""):
        dash = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="6" '
                          f'fill="{fill}" stroke="{stroke}"{dash}/>')

    def line(self, x1, y1, x2, y2, colour=LINE, dash="", arrow=False):
        dash = f' stroke-dasharray="{dash}"' if dash else ""
        arrow = ' marker-end="url(#arrow)"' if arrow else ""
        self.parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" '
                          f'stroke="{colour}" stroke-width="1.5"{dash}{arrow}/>')

    def text(self, x, y, words, size=13, anchor="start", colour=INK, weight="normal",
             font=SANS, over=False):
        # Over lines, words have the ground's colour around them.
        halo = f' paint-order="stroke" stroke="{PALE}" stroke-width="4"' if over else ""
        self.parts.append(
            f'<text x="{x}" y="{y}" font-family="{font}" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{colour}" font-weight="{weight}"{halo}>'
            f"{html.escape(words)}</text>")

    def svg(self):
        w, h = self.size
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" '
            f'height="{h}" role="img">', f"<title>{html.escape(self.title)}</title>",
            '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" '
            'markerWidth="8" markerHeight="8" orient="auto"><path d="M0,0 L8,4 L0,8 z" '
            f'fill="{INK}"/></marker></defs>',
            f'<rect width="{w}" height="{h}" fill="{PALE}"/>', *self.parts, "</svg>", ""])


# ---- a terminal ----

WIDTH = 110  # as tools/pictures records it

SHADES = {"31": "#f87171", "32": "#4ade80", "33": "#fbbf24", "34": "#60a5fa",
          "36": "#22d3ee", "2": "#8b98a5", "1": "#ffffff", "90": "#8b98a5"}


def spans(line):
    """Pairs of text and its colour codes."""
    codes, begin = [], 0
    for match in re.finditer(r"\x1b\[([0-9;]*)m", line):
        if match.start() > begin:
            yield line[begin:match.start()], codes
        codes = [c for c in match[1].split(";") if c.strip("0")] if match[1].strip("0;") else []
        begin = match.end()
    if begin < len(line):
        yield line[begin:], codes


def folded(lines, width):
    """As a terminal of that width breaks them."""
    for line in lines:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
        if len(plain) <= width:
            yield line
        else:
            yield from (plain[i:i + width] for i in range(0, len(plain), width))


def terminal(name, title, command):
    lines = (RECORDED / name).read_text().rstrip("\n").split("\n")
    lines = list(folded([f"# {command}", *lines], WIDTH))
    cell, row, left, top = 8.0, 19, 18, 50
    width = int(2 * left + cell * WIDTH)
    height = top + row * len(lines) + 14
    picture = Drawing(width, height, title)
    picture.parts.append(f'<rect width="{width}" height="{height}" rx="8" fill="#0f1720"/>')
    for i, dot in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        picture.parts.append(f'<circle cx="{20 + 18 * i}" cy="18" r="5.5" fill="{dot}"/>')
    for number, line in enumerate(lines):
        column, y = 0, top + row * number
        for words, codes in spans(line):
            colour = next((SHADES[c] for c in codes if c in SHADES), "#d7dee6")
            weight = "bold" if "1" in codes else "normal"
            for match in re.finditer(r"\S+(?: \S+)*", words):
                run = match[0]
                picture.parts.append(
                    f'<text x="{left + cell * (column + match.start()):g}" y="{y}" '
                    f'font-family="{MONO}" font-size="13.3" fill="{colour}" '
                    f'font-weight="{weight}" textLength="{cell * len(run):g}" '
                    f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">'
                    f"{html.escape(run)}</text>")
            column += len(words)
    return picture.svg()


# ---- the quickstart's networks ----

def networks():
    nodes = load("networks.json")
    wide, gap, left = 250, 30, 30
    picture = Drawing(2 * left + len(nodes) * (wide + gap) - gap, 466,
                      "The quickstart's networks")
    right = picture.size[0] - left
    bands = ((56, "management: agents, databases, your commands", BLUE),
             (96, "tunnels (Geneve)", GREEN))
    for y, words, colour in bands:
        picture.line(left, y, right, y, colour)
    for i, node in enumerate(nodes):
        x = left + i * (wide + gap)
        cards = {card["ifname"]: card["addresses"] for card in node["cards"]}
        picture.box(x, 130, wide, 222)
        picture.text(x + 125, 153, node["name"], 15, "middle", weight="bold")
        tunnel = next((name for name, where in cards.items() if node["encap"] in where),
                      "?")
        picture.line(x + 60, 56, x + 60, 168, BLUE)
        picture.line(x + 190, 96, x + 190, 168, GREEN)
        picture.box(x + 12, 168, 108, 42, "#eff4ff", BLUE)
        picture.text(x + 66, 185, "eth0", 12, "middle")
        picture.text(x + 66, 202, ", ".join(cards.get("eth0", [])), 12, "middle", font=MONO)
        picture.box(x + 130, 168, 108, 42, "#edfaf1", GREEN)
        picture.text(x + 184, 185, tunnel, 12, "middle")
        picture.text(x + 184, 202, node["encap"], 12, "middle", font=MONO)
        y = 232
        for bridge in node["bridges"]:
            name, _, ports = bridge.partition(": ")
            picture.text(x + 12, y, name, 12, weight="bold", font=MONO)
            for port in ports.split():
                y += 17
                picture.text(x + 28, y, port, 12, colour=GREY, font=MONO)
            y += 22
        picture.line(x + 125, 352, x + 125, 384, AMBER)
        picture.box(x + 40, 384, 170, 42, "#fff7ed", AMBER)
        picture.text(x + 125, 401, "workload", 12, "middle")
        picture.text(x + 125, 418, ", ".join(node["port"]), 12, "middle", font=MONO)
    for y, words, colour in bands:
        picture.text(left, y - 8, words, colour=colour, over=True)
    picture.text(left, 452, "Workloads share one logical switch; what they send to another "
                 "member goes through a tunnel.", 12, colour=GREY)
    return picture.svg()


# ---- the two Rafts ----

def rafts():
    state = load("rafts.json")
    members = state["members"]
    wide, left, first = 150, 30, 190
    picture = Drawing(first + wide * len(members) + left, 330,
                      "Who votes in the agents' log and in OVN's databases")
    rows = [("the agents' log", state["leader"],
             {m["name"]: ("votes" if m["role"] == "ROLE_VOTER" else "stand-by")
              for m in members})]
    for database in state["databases"]:
        rows.append((database["name"], database["leader"],
                     {s["member"].split("/")[-1]: "votes" for s in database["servers"]}))
    for i, member in enumerate(members):
        x = first + wide * i
        picture.text(x + wide / 2, 40, member["name"], 15, "middle", weight="bold")
        services = [s.replace("SERVICE_", "").lower() for s in member["services"]]
        picture.text(x + wide / 2, 58, ", ".join(services), 11, "middle", GREY)
    for row, (name, leader, votes) in enumerate(rows):
        y = 80 + row * 76
        picture.text(left, y + 26, name, 14, weight="bold")
        picture.text(left, y + 44, "our Raft" if row == 0 else "OVSDB's Raft", 12, colour=GREY)
        for i, member in enumerate(members):
            x, vote = first + wide * i + 12, votes.get(member["name"], "")
            if not vote:
                picture.box(x, y, wide - 24, 52, PALE, LINE, "3 4")
                picture.text(x + (wide - 24) / 2, y + 31, "no server", 12, "middle", LINE)
                continue
            colour = BLUE if row == 0 else GREEN
            leads = leader.split("/")[-1] == member["name"]
            picture.box(x, y, wide - 24, 52, colour if leads else "white",
                        colour, "" if vote == "votes" else "5 3")
            picture.text(x + (wide - 24) / 2, y + 31, "leads" if leads else vote, 13,
                         "middle", "white" if leads else colour)
    picture.text(left, 318, "Each of the three has its own leader, on whichever member. "
                 "A member without central has no server in OVN's databases.", 12, colour=GREY)
    return picture.svg()


# ---- sequences ----

# What each event of the log shows: from whom to whom, and what. {name} is the
# member that comes or goes.
YOU, LOG, NODE, OTHERS = range(4)
STEPS = {
    "TOKEN_CREATED": [(YOU, LOG, "cluster add {name}"), (LOG, YOU, "a token")],
    "MEMBER_ADDED": [(YOU, NODE, "cluster join TOKEN"),
                     (NODE, LOG, "Admit: key, address, proof of the token"),
                     (LOG, NODE, "certificate, the log so far")],
    "MEMBER_JOINED": [(NODE, LOG, "I have caught up")],
    "AUTHORITY_RESEALED": [(LOG, LOG, "{message}")],
    "DATABASE_JOINED": [(NODE, OTHERS, "{message}")],
    "OPERATION_STARTED": [(YOU, LOG, "cluster remove {name}")],
    "MEMBER_LEAVING": [(LOG, NODE, "you are leaving: stop your services")],
    "DATABASE_LEFT": [(NODE, OTHERS, "{message}")],
    "MEMBER_PUT_OUT": [(OTHERS, LOG, "nothing of {name} is left in the databases")],
    "MEMBER_REMOVED": [(LOG, NODE, "removed: its certificate is refused"),
                       (LOG, OTHERS, "one member less")],
    "OPERATION_DONE": [(LOG, YOU, "done")],
}


def seconds(stamp):
    hours, minutes, rest = stamp[11:].rstrip("Z").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def sequence(name, title):
    events = [e for e in load(name)
              if e["type"] in STEPS]
    node = next(e["resource"].split("/")[-1] for e in events
                if e["resource"].startswith("members/"))
    heads = ["you", "the log (leader)", node, "the other members"]
    at = [90, 330, 610, 900]
    rows = [(e, arrow) for e in events for arrow in STEPS[e["type"]]]
    step = 34
    picture = Drawing(1000, 100 + step * len(rows), title)
    for x, head in zip(at, heads):
        picture.box(x - 78, 18, 156, 32, "white", BLUE)
        picture.text(x, 39, head, 13, "middle", weight="bold")
        picture.line(x, 50, x, picture.size[1] - 16, LINE, "4 4")
    begin, told = seconds(events[0]["time"]), None
    for number, (event, (source, target, words)) in enumerate(rows):
        y = 88 + step * number
        words = words.format(name=node, message=event["message"])
        since = f"{seconds(event['time']) - begin:.0f} s"
        if since != told:
            picture.text(6, y - 4, since, 11, colour=GREY, font=MONO)
            told = since
        if source == target:
            picture.box(at[source] - 6, y - 16, 12, 22, "#eff4ff", BLUE)
            picture.text(at[source] + 14, y, words, 12, over=True)
            continue
        picture.line(at[source], y, at[target], y, INK, arrow=True)
        picture.text((at[source] + at[target]) / 2, y - 6, words, 12, "middle", over=True)
    return picture.svg()


# ---- all of them ----

def pictures():
    return {
        "status-healthy.svg": terminal("status-healthy.txt",
                                       "microovn status, healthy", "microovn status"),
        "status-degraded.svg": terminal("status-degraded.txt",
                                        "microovn status with a member off",
                                        "microovn status"),
        "networks.svg": networks(),
        "rafts.svg": rafts(),
        "join.svg": sequence("join.json", "A member joins"),
        "removal.svg": sequence("removal.json", "A member is removed"),
    }


def headings(text):
    """The lines of a screen that are words in capitals: what its shape is."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return {" ".join(line.split()) for line in plain.splitlines()
            if re.fullmatch(r"[A-Z][A-Z ]+", line)}


def shown_today():
    """Those of `microovn status` on a terminal, as the golden transcript has it."""
    golden = (TREE / "ctl/testdata/status.golden").read_text()
    block = re.search(r"^% microovn status\n((?:>.*\n)+)", golden, re.M)[1]
    return headings("\n".join(line[2:] for line in block.splitlines()))


def check():
    old = [name for name, svg in pictures().items()
           if not (HERE / name).exists() or (HERE / name).read_text() != svg]
    for name in old:
        print(f"docs/pictures/{name} is not what was recorded: tools/pictures --draw")
    missing = shown_today() - headings((RECORDED / "status-healthy.txt").read_text())
    for line in sorted(missing):
        print(f"the recorded status has no '{line}': tools/pictures")
    return bool(old or missing)


def main():
    if sys.argv[1:] == ["--check"]:
        return check()
    for name, svg in pictures().items():
        (HERE / name).write_text(svg)
    return False


sys.exit(main())
