#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The mutation score of one folder; README.md says how it is made.

  score.py LIST --source=FILE,MUTATED,SONAME... --test=BINARY...

FILE is a source that LIST changes, MUTATED the shared object of its mutated
copy, SONAME the library that a test which uses FILE loads.

  MICROOVN_MUTANT         runs the mutant of that name alone
  MICROOVN_MUTANT_SAMPLE  how many are drawn (0: all), by
  MICROOVN_MUTANT_SEED    what
  MICROOVN_LONG           runs them all
"""
import argparse
import concurrent.futures
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, 'raft/proof/mutants')
import mutate  # noqa: E402

DEFAULT_SAMPLE = 4
AT_A_TIME = 2
# An endless loop is noticed too; a loaded machine is none.
LEAST_SECONDS, TIMES_UNCHANGED = 30, 10


class Source:
    def __init__(self, text):
        self.path, self.mutated, soname = text.split(',')
        self.soname = soname.encode()


def objector(text):
    """The first test that failed, or the one that did not come to its end."""
    failed = re.search(r'^\[  FAILED  \] (\S+)', text, re.MULTILINE)
    begun = re.findall(r'^\[ RUN      \] (\S+)', text, re.MULTILINE)
    return failed.group(1).rstrip(',') if failed else begun[-1] if begun else '?'


class Test:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)
        with open(path, 'rb') as binary:
            self.content = binary.read()
        self.seconds = 0.0

    def uses(self, source):
        return b'\0' + source.soname + b'\0' in self.content

    def run(self, mutant, sources, limit):
        """What it says of the mutant: '' if nothing."""
        scratch = tempfile.mkdtemp(dir=os.environ.get('TEST_TMPDIR'))
        env = {name: value for name, value in os.environ.items()
               if name not in ('XML_OUTPUT_FILE', 'TEST_PREMATURE_EXIT_FILE')}
        env.update(TEST_TMPDIR=scratch, MICROOVN_ACTIVE_MUTANT=mutant,
                   GTEST_FAIL_FAST='1',
                   LD_PRELOAD=':'.join(os.path.abspath(source.mutated)
                                       for source in sources))
        with open(os.path.join(scratch, 'said'), 'wb') as said:
            child = subprocess.Popen(
                [self.path], env=env, stdout=said,
                stderr=subprocess.STDOUT, start_new_session=True)
            try:
                status = child.wait(timeout=limit)
            except subprocess.TimeoutExpired:
                status = 'does not end'
            try:  # what the test has started ends with it
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
        with open(os.path.join(scratch, 'said'), 'rb') as said:
            text = said.read().decode('utf-8', 'replace')
        shutil.rmtree(scratch, ignore_errors=True)
        if status == 0:
            return ''
        if not mutant:
            sys.stdout.write(text[-4000:])
        how = '' if status == 1 else ' (%s)' % status
        return '%s %s%s' % (self.name, objector(text), how)


def chosen(mutants):
    only = os.environ.get('MICROOVN_MUTANT')
    if only:
        return [mutant for mutant in mutants if mutant['name'] == only]
    sample = DEFAULT_SAMPLE if not os.environ.get('MICROOVN_LONG') else 0
    sample = int(os.environ.get('MICROOVN_MUTANT_SAMPLE') or sample)
    if sample == 0 or sample >= len(mutants):
        return mutants
    seed = int(os.environ.get('MICROOVN_MUTANT_SEED') or 1)
    return random.Random(seed).sample(mutants, sample)


def run_unchanged(test, sources):
    """Whether it passes on mutated copies of which no mutant is active."""
    began = time.monotonic()
    said = test.run('', [s for s in sources if test.uses(s)], 300)
    test.seconds = time.monotonic() - began
    if said:
        print('the unchanged code fails: %s' % said)
    return not said


def verdict(paths, mutant, sources, tests):
    """Who notices, '' if nobody does."""
    here = [source for source in sources if source.path in paths]
    seeing = [t for t in tests if any(t.uses(source) for source in here)]
    stems = [os.path.basename(path)[:-len('.cc')] for path in paths]
    seeing.sort(key=lambda t: (
        not any(t.name == stem + '_test' for stem in stems), t.seconds))
    for test in seeing:
        limit = LEAST_SECONDS + TIMES_UNCHANGED * test.seconds
        said = test.run(mutant['name'], here, limit)
        if said:
            return said
    return ''


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('list')
    parser.add_argument('--source', action='append', type=Source, default=[])
    parser.add_argument('--test', action='append', type=Test, default=[])
    args = parser.parse_args()
    mutants, edits = mutate.read_mutants([args.list])
    paths = {mutant['name']: {edit.path for edit in edits
                              if edit.mutant is mutant} for mutant in mutants}
    changed = set().union(*paths.values())
    for path in changed.symmetric_difference(s.path for s in args.source):
        sys.exit('%s is only in the list, or only in BUILD.bazel' % path)
    run = chosen(mutants)
    tests = [test for test in args.test
             if any(test.uses(source) for source in args.source)]
    killed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        if not all(list(pool.map(lambda t: run_unchanged(t, args.source),
                                 tests))):
            sys.exit(1)
        verdicts = pool.map(
            lambda m: verdict(paths[m['name']], m, args.source, tests), run)
        for mutant, said in zip(run, verdicts):
            killed += 1 if said else 0
            print('%-40s %-60s %s' % (mutant['name'], said or 'NOTHING NOTICES',
                                      mutant['breaks']), flush=True)
    folder = os.path.dirname(args.list)
    print('mutants outside raft killed %d/%d in %s (of %d)' %
          (killed, len(run), folder, len(mutants)))
    sys.exit(0 if run and killed == len(run) else 1)


if __name__ == '__main__':
    main()
