# SPDX-License-Identifier: Apache-2.0
"""Sources with every mutant of a list behind a switch; see README.md."""

def _mutated_sources_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        executable = ctx.executable._mutate,
        arguments = [out.path] + [f.path for f in ctx.files.mutants + ctx.files.srcs],
        inputs = ctx.files.mutants + ctx.files.srcs,
        outputs = [out],
        mnemonic = "Mutate",
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset([out]))]

mutated_sources = rule(
    implementation = _mutated_sources_impl,
    attrs = {
        "mutants": attr.label_list(allow_files = [".txt"]),
        "srcs": attr.label_list(allow_files = [".cc"]),
        "_mutate": attr.label(
            default = "//raft/proof/mutants:mutate.py",
            allow_single_file = True,
            executable = True,
            cfg = "exec",
        ),
    },
)

_USER = ["//raft/proof/mutants:__pkg__"]

def for_mutants(name, code = True, tests = True, needs_more = []):
    """What this package gives to the mutants, which build it their own way.

    Args:
      name: unused; the file groups are sources, headers and test_sources.
      code: whether it has sources and headers for them.
      tests: whether it has tests for them.
      needs_more: tests that need more than the core, and are left out.
    """
    if code:
        native.filegroup(
            name = "sources",
            srcs = native.glob(
                ["*.cc"],
                exclude = ["*_fuzz.cc", "*_test.cc"],
            ),
            visibility = _USER,
        )
        native.filegroup(
            name = "headers",
            srcs = native.glob(["*.h"]),
            visibility = _USER,
        )
    if tests:
        native.filegroup(
            name = "test_sources",
            testonly = True,
            srcs = native.glob(["*_test.cc"], exclude = needs_more),
            visibility = _USER,
        )
