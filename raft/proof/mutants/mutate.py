#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes copies of C++ sources that hold every mutant behind a run-time switch.

  mutate.py OUT_DIR MUTANTS.txt... SOURCE.cc...
  mutate.py --one OUT.cc SOURCE.cc MUTANTS.txt

The second form is for one source of the list, and names the mutant where the
first has its number (tools/mutants).

README.md says how the lists are written.  A text that does not occur exactly
once in its source, or that overlaps another one, ends the build: a mutant that
no longer says anything about the code must not pass for one that was killed.
"""
import os
import re
import sys

SWITCH = '(::microovn::raft::ActiveMutant() == {number})'
SWITCH_BY_NAME = '(::microovn::IsActiveMutant("{name}"))'
FORMS = ('expression', 'statement', 'text')


class Edit:
    def __init__(self, mutant, form, path, where):
        self.mutant, self.form, self.path, self.where = mutant, form, path, where
        self.old_lines, self.new_lines = [], []

    @property
    def old(self):
        return '\n'.join(self.old_lines).strip()

    @property
    def new(self):
        return '\n'.join(self.new_lines).strip()

    def fail(self, why):
        sys.exit('%s: mutant %s: %s:\n%s' %
                 (self.where, self.mutant['name'], why, self.old))


def read_mutants(paths):
    mutants, edits = [], []
    for path in paths:
        for number, line in enumerate(open(path, encoding='utf-8'), 1):
            where, line = '%s:%d' % (path, number), line.rstrip('\n')
            word, _, rest = line.partition(' ')
            if line[:1] == '-' and edits:
                edits[-1].old_lines.append(line[1:])
            elif line[:1] == '+' and edits:
                edits[-1].new_lines.append(line[1:])
            elif word == 'mutant':
                mutants.append({'name': rest, 'breaks': '', 'tests': False})
            elif word == 'breaks':
                mutants[-1]['breaks'] = rest
            elif line == 'seen by tests':
                mutants[-1]['tests'] = True
            elif word in FORMS:
                edits.append(Edit(mutants[-1], word, rest, where))
            elif line and word != '#':
                sys.exit('%s: unknown word: %s' % (where, line))
    names = [mutant['name'] for mutant in mutants]
    for number, mutant in enumerate(mutants, 1):
        mutant['number'] = number
        if names.count(mutant['name']) > 1 or not mutant['breaks']:
            sys.exit('mutant %s: twice, or breaks nothing' % mutant['name'])
        if not any(edit.mutant is mutant for edit in edits):
            sys.exit('mutant %s: no edit' % mutant['name'])
    return mutants, edits


def switched(edits, old, form):
    """`old` unless one of the mutants is active."""
    for edit in edits:
        switch = form.format(**edit.mutant)
        if edit.form == 'expression':
            old = '(%s ? (%s) : (%s))' % (switch, edit.new, old)
        elif edit.form == 'statement':
            old = 'if %s {\n%s\n} else {\n%s\n}' % (switch, edit.new, old)
        else:
            old = re.sub(r'\bMUTANT\b', switch, edit.new).replace('OLD', old)
    return old


def rewrite(text, edits, form=SWITCH, base=0):
    """`text`, which begins at `base` of its source, with what `edits` do."""
    out, at = [], 0
    while edits:
        first = min(edits, key=lambda e: (e.begin, -e.end))
        same = [e for e in edits if (e.begin, e.end) == (first.begin, first.end)]
        inner = [e for e in edits if e not in same and e.begin < first.end]
        for edit in inner:
            if edit.end > first.end:
                edit.fail('overlaps mutant ' + first.mutant['name'])
        for edit in same if inner else []:
            if edit.form == 'text' and 'OLD' not in edit.new:
                edit.fail('hides mutant %s: say OLD' % inner[0].mutant['name'])
        begin, end = first.begin - base, first.end - base
        out.append(text[at:begin])
        kept = rewrite(text[begin:end], inner, form, first.begin)
        out.append(switched(same, kept, form))
        at = end
        edits = [e for e in edits if e not in same and e not in inner]
    return ''.join(out) + text[at:]


def place(edit, text):
    if text.count(edit.old) != 1:
        edit.fail('occurs %d times in %s' % (text.count(edit.old), edit.path))
    edit.begin = text.index(edit.old)
    edit.end = edit.begin + len(edit.old)


def table(mutants):
    rows = ['    {%d, "%s", "%s", %s},' %
            (m['number'], m['name'], m['breaks'], 'true' if m['tests'] else 'false')
            for m in mutants]
    return '\n'.join([
        '#include "raft/proof/mutants/mutant.h"', 'namespace microovn::raft {',
        'const std::vector<Mutant>& AllMutants() {',
        '  static const auto& mutants = *new std::vector<Mutant>{', *rows,
        '  };', '  return mutants;', '}', '}  // namespace microovn::raft', ''])


def declared_only(text):
    """Without definitions of flags: those of the library itself stay."""
    return re.sub(r'^DEFINE_(\w+)\((\w+),.*?"\);$',
                  lambda m: 'DECLARE_%s(%s);%s' %
                  (m.group(1), m.group(2), '\n' * m.group(0).count('\n')),
                  text, flags=re.MULTILINE | re.DOTALL)


def mutate_one(out, source, mutants):
    edits = [e for e in read_mutants([mutants])[1] if e.path == source]
    with open(source, encoding='utf-8') as file:
        text = file.read()
    for edit in edits:
        place(edit, text)
    with open(out, 'w', encoding='utf-8') as file:
        file.write('#include "tools/mutants/active_mutant.h"\n')
        file.write('#line 1 "%s"\n' % source)
        file.write(declared_only(rewrite(text, edits, SWITCH_BY_NAME)))


def main(out_dir, *files):
    mutants, edits = read_mutants([f for f in files if f.endswith('.txt')])
    sources = [f for f in files if f.endswith('.cc')]
    for edit in edits:
        if edit.path not in sources:
            edit.fail('no source ' + edit.path)
    os.makedirs(out_dir, exist_ok=True)
    for source in sources:
        text = open(source, encoding='utf-8').read()
        here = [edit for edit in edits if edit.path == source]
        for edit in here:
            place(edit, text)
        with open(os.path.join(out_dir, source.replace('/', '_')), 'w') as out:
            out.write('#include "raft/proof/mutants/mutant.h"\n')
            out.write('#line 1 "%s"\n' % source)
            out.write(rewrite(text, here))
    with open(os.path.join(out_dir, 'mutant_table.cc'), 'w') as out:
        out.write(table(mutants))


if __name__ == '__main__':
    if sys.argv[1] == '--one':
        mutate_one(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
