#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every command that `microovn --help` names, as one kind of user, on
terminals of several widths and in a pipe, and says of each what is wrong.

  command_matrix.py NODE-PID BIN ROOT SITUATION WHO

SITUATION is one of the columns of EXPECTED, WHO is root, group:GID or nobody.
Prints "ok NAME" or "FAILED NAME" for each command, after the reasons.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

WIDTHS = (50, 80, 200)
PIPE = 0
# Without a quorum a command answers within this.
QUICK = 3.0
# Of any other: a command that takes longer hangs.
PATIENT = 20.0
NOBODY = 65534

# What a command is given, so that it changes nothing, and how it ends: a
# well member, no quorum, no agent, a user who may not.  A set allows several.
DONE, NO_QUORUM, NO_AGENT, FORBIDDEN = {0}, {11}, {3}, {4}
ASKS = (DONE, DONE, NO_AGENT, FORBIDDEN)
CHANGES = (DONE, NO_QUORUM, NO_AGENT, FORBIDDEN)
OFFLINE = (DONE, DONE, DONE, DONE)
UNTOLD = "no-such-thing"


def refused(code):
    return ({code}, {code, 11}, NO_AGENT, FORBIDDEN)


EXPECTED = {
    "init": (["--help"], OFFLINE),
    "status": ([], ASKS),
    "status --exit-code": (["--exit-code"], ({0, 10, 11}, {10, 11}, {3}, {4})),
    "status --format rich": (["--format", "rich"], ASKS),
    "cluster bootstrap": (["--dry-run"], (({6, 7}), {6, 7}, {3}, {4})),
    "cluster add": (["node9", "--dry-run"], CHANGES),
    "cluster join": (["eyJ9"], ({2}, {2}, {2}, {2})),
    "cluster list": ([], ASKS),
    "cluster list --format table": (["--format", "table"], ASKS),
    "cluster show": (["node1"], ASKS),
    "cluster log": ([], ASKS),
    "cluster recover": ([], ({7}, DONE, NO_AGENT, FORBIDDEN)),
    "cluster remove": (["node3", "--dry-run"], CHANGES),
    "cluster rotate-ca": (["--dry-run"], CHANGES),
    "cluster set-encap-ip": (["10.98.1.11", "--dry-run"], CHANGES),
    "cluster transfer-leader": (["--dry-run"], CHANGES),
    "cluster token list": ([], ASKS),
    "cluster token revoke": ([UNTOLD], refused(5)),
    "cluster user add": (["alice", "--role", "viewer", "--dry-run"], CHANGES),
    "cluster user list": ([], ASKS),
    "cluster user revoke": ([UNTOLD], refused(5)),
    "enable": (["chassis", "--dry-run"], refused(6)),
    "disable": (["central", "--dry-run"], CHANGES),
    "certificates list": ([], ASKS),
    "certificates reissue": (["client", "--dry-run"], (DONE, {0, 11}, {3}, {4})),
    "certificates regenerate-ca": (["--dry-run"], CHANGES),
    "certificates ca-csr": (["--dry-run"], CHANGES),
    "certificates set-ca": (["--dry-run"], ({2}, {2}, {2}, {2})),
    "config get": (["cluster.voters"], ASKS),
    "config set": (["cluster.voters", "3", "--dry-run"], CHANGES),
    "config delete": (["cluster.voters", "--dry-run"], CHANGES),
    "config list": ([], OFFLINE),
    "operation list": ([], ASKS),
    "operation show": ([UNTOLD], ({5}, {5}, {3}, {4})),
    "operation wait": ([UNTOLD], ({5}, {5}, {3}, {4})),
    "operation cancel": ([UNTOLD], refused(5)),
    "ovn recover": (["nb", "--dry-run"], refused(7)),
    "upgrade status": ([], ASKS),
    "upgrade plan": ([], ({0}, {10}, NO_AGENT, FORBIDDEN)),
    "upgrade begin": (["--dry-run"], ({0}, {10, 11}, NO_AGENT, FORBIDDEN)),
    "upgrade end": (["--dry-run"], ASKS),
    "upgrade hold": (["--dry-run"], CHANGES),
    "upgrade finalize": (["--dry-run"], CHANGES),
    "events": ([], ASKS),
    "events --type": (["--type", "member_lost", "--since", "1h", "--resource",
                       "node1"], ASKS),
    "explain": ([], OFFLINE),
    "explain NO_LEADER": (["NO_LEADER"], OFFLINE),
    "waitready": (["--timeout", "1"], (DONE, DONE, {8}, FORBIDDEN)),
    "version": ([], OFFLINE),
    "help": (["cluster", "remove"], OFFLINE),
    "completion": (["bash"], OFFLINE),
    # OVN's own tools have codes and words of their own.
    "nbctl": (["--version"], OFFLINE),
    "sbctl": (["--version"], OFFLINE),
    "vsctl": (["--version"], OFFLINE),
    "appctl": (["--version"], OFFLINE),
}
# Real ones that a cluster without a quorum refuses: nothing is changed.
UNDRY = {
    "config set": ["cluster.voters", "3"],
    "config delete": ["cluster.voters"],
    "cluster add": ["node9"],
    "cluster remove": ["node3", "--force", "--accept-risk", "quorum-loss"],
    "disable": ["central"],
    "certificates ca-csr": [],
    "ovn recover": ["nb", "--accept-risk", "data-loss"],
    "upgrade hold": [],
    "upgrade finalize": [],
    "cluster rotate-ca": [],
    "cluster set-encap-ip": ["10.98.1.11"],
    "cluster user add": ["alice", "--role", "viewer", "--output", "/alice.pem"],
    "cluster transfer-leader": [],
    "certificates regenerate-ca": [],
}
SITUATIONS = {"well": 0, "no-quorum": 1, "no-agent": 2}
FORBIDDEN_COLUMN = 3

# Words of a program's inside, which are for its authors.
INSIDE = re.compile(
    r"\bgrpc\b|rpc error|ipv[46]:|handshak|Socket closed|UNAVAILABLE|"
    r"DEADLINE_EXCEEDED|PERMISSION_DENIED:|failed to connect to all|"
    r"[0-9a-f]{32}.*\[[0-9a-f]{32}\]|\b1970-01-01\b", re.I)
# MicroOVN's forms, which scripts cut, and programs of others and of shells.
OF_FIXED_WIDTH = {"cluster list --format table", "completion", "nbctl",
                  "sbctl", "vsctl", "appctl"}


class Run:
    def __init__(self, code, out, err, seconds):
        self.code = code
        self.out = out
        self.err = err
        self.seconds = seconds


class Node:
    def __init__(self, pid, bin_dir, root, who):
        self.prefix = [
            "nsenter", "--target", pid, "--mount", "--uts", "--ipc", "--net",
            "--pid", "--wd", "--"]
        if who == "nobody":
            self.prefix += ["setpriv", f"--reuid={NOBODY}",
                            f"--regid={NOBODY}", "--clear-groups"]
        elif who.startswith("group:"):
            self.prefix += ["setpriv", f"--reuid={NOBODY}",
                            f"--regid={NOBODY}", f"--groups={who[6:]}"]
        self.prefix += [
            "env", "-i", "HOME=/", "TERM=xterm", "LANG=C.UTF-8",
            f"SNAP_COMMON={root}",
            f"PATH={bin_dir}:/usr/sbin:/usr/bin:/sbin:/bin", "microovn"]

    def pipe(self, words, timeout=PATIENT):
        begin = time.monotonic()
        try:
            done = subprocess.run(
                self.prefix + words, stdin=subprocess.DEVNULL, timeout=timeout,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        except subprocess.TimeoutExpired:
            return Run(-1, "", "it hangs", timeout)
        return Run(done.returncode, done.stdout.decode(errors="replace"),
                   done.stderr.decode(errors="replace"),
                   time.monotonic() - begin)

    def terminal(self, words, columns, timeout=PATIENT):
        """stdout and stderr are one terminal, as for somebody who looks."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 40, columns, 0, 0))
        begin = time.monotonic()
        child = subprocess.Popen(self.prefix + words, stdin=slave,
                                 stdout=slave, stderr=slave)
        os.close(slave)
        seen = b""
        while time.monotonic() - begin < timeout:
            ready, _, _ = select.select([master], [], [], 0.1)
            if ready:
                try:
                    piece = os.read(master, 65536)
                except OSError:
                    break
                if not piece:
                    break
                seen += piece
            elif child.poll() is not None:
                break
        if child.poll() is None and time.monotonic() - begin >= timeout:
            child.kill()
        code = child.wait()
        os.close(master)
        text = seen.decode(errors="replace").replace("\r\n", "\n")
        return Run(code, text, "", time.monotonic() - begin)


def leaves(node, path):
    """The commands below `path` that the help names."""
    text = node.pipe(path + ["--help"]).out
    names = []
    section = ""
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            section = line
        found = re.match(r"  ([a-z][a-z-]*)( |$)", line)
        if section == "Commands:" and found:
            names.append(found.group(1))
    if not names:
        return [" ".join(path)] if path else []
    found = []
    for name in names:
        found += leaves(node, path + [name])
    return found


def width_of(line):
    return len(re.sub(r"\033\[[0-9;]*m", "", line))


def too_wide(text, columns):
    """The first line that could have been folded; a word cannot be."""
    for line in text.splitlines():
        plain = re.sub(r"\033\[[0-9;]*m", "", line)
        words = plain.split()
        longest = max((len(word) for word in words), default=0)
        indent = len(plain) - len(plain.lstrip())
        if width_of(line) > columns and indent + longest < columns - 4:
            return line
    return None


class Check:
    def __init__(self, node, situation, forbidden):
        self.node = node
        self.situation = situation
        # Whether there is an agent, who may not look cannot know.
        self.column = FORBIDDEN_COLUMN if forbidden else SITUATIONS[situation]
        self.wrong = []

    def say(self, what):
        self.wrong.append(what)

    def judge(self, name, how, run, allowed):
        if run.code not in allowed:
            self.say(f"{how}: exit {run.code}, not {sorted(allowed)}: "
                     f"{(run.out + run.err).strip()[-300:]}")
        if self.situation == "no-quorum" and run.seconds > QUICK:
            self.say(f"{how}: took {run.seconds:.1f} s")
        if name in ("completion", "explain"):
            return
        inside = INSIDE.search(run.out + run.err)
        if inside:
            self.say(f"{how}: says '{inside.group(0)}': "
                     f"{(run.out + run.err).strip()[-300:]}")

    def pipe(self, name, words, allowed):
        run = self.node.pipe(words)
        self.judge(name, "pipe", run, allowed)
        if "\033" in run.out + run.err:
            self.say("pipe: colours")
        errors = [line for line in run.err.splitlines()
                  if not re.match(r"Warning: |\d{4}/\d\d/\d\d ", line)]
        if run.code != 0 and allowed != {0, 10, 11} and (
                len(errors) > 1 or any(
                    not line.startswith("Error: ") for line in errors)):
            self.say(f"pipe: more than one line of error: {run.err.strip()}")
        if run.code == 4 and not re.search(r"not allowed", run.err):
            self.say(f"pipe: not the true cause: {run.err.strip()}")
        if (self.situation == "no-quorum" and run.code == 11 and
                "--exit-code" not in name and
                not re.search(r"quorum|leader", run.err)):
            self.say(f"pipe: not the true cause: {run.err.strip()}")

    def command(self, name):
        arguments, columns = EXPECTED[name]
        words = (name.split(" --")[0].split(" NO_")[0]).split() + arguments
        allowed = columns[self.column]
        for width in WIDTHS:
            run = self.node.terminal(words, width)
            how = f"{width} columns"
            self.judge(name, how, run, allowed)
            wide = too_wide(run.out, width)
            if wide and name not in OF_FIXED_WIDTH:
                self.say(f"{how}: {width_of(wide)} wide: {wide}")
        self.pipe(name, words, allowed)
        if self.situation == "no-quorum" and name in UNDRY:
            self.pipe(name, name.split() + UNDRY[name],
                      FORBIDDEN if self.column == FORBIDDEN_COLUMN
                      else NO_QUORUM)

    def help(self, name):
        for width in WIDTHS:
            run = self.node.terminal(name.split()[:4] + ["--help"], width)
            wide = too_wide(run.out, width)
            if wide and name not in OF_FIXED_WIDTH:
                self.say(f"--help, {width} columns: {wide}")


def main():
    pid, bin_dir, root, situation, who = sys.argv[1:]
    node = Node(pid, bin_dir, root, who)
    named = leaves(node, [])
    if len(named) < 20:
        print(f"  microovn --help names {named}")
        print(f"FAILED {situation}, {who}: the commands are found")
        return 1
    status = 0
    for name in named + [key for key in EXPECTED if key not in named]:
        check = Check(node, situation, who == "nobody")
        if name not in EXPECTED:
            check.say("has no line in EXPECTED")
        else:
            check.command(name)
            if situation == "well" and who == "root" and name in named:
                check.help(name)
        for what in check.wrong:
            print(f"  {what}")
        print(("FAILED " if check.wrong else "ok ") +
              f"{situation}, {who.split(':')[0]}: microovn {name}")
        status = status or (1 if check.wrong else 0)
    return status


if __name__ == "__main__":
    sys.exit(main())
