# SPDX-License-Identifier: Apache-2.0
"""The mutation score of one folder; see README.md."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

_TAGS = [
    "no-asan",
    "no-tsan",
]

def _mutated_source_impl(ctx):
    out = ctx.actions.declare_file("mutated/" + ctx.file.src.basename)
    ctx.actions.run(
        executable = ctx.executable._mutate,
        arguments = ["--one", out.path, ctx.file.src.path, ctx.file.mutants.path],
        inputs = [ctx.file.mutants, ctx.file.src],
        outputs = [out],
        mnemonic = "Mutate",
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset([out]))]

_mutated_source = rule(
    implementation = _mutated_source_impl,
    attrs = {
        "mutants": attr.label(allow_single_file = [".txt"]),
        "src": attr.label(allow_single_file = [".cc"]),
        "_mutate": attr.label(
            default = "//raft/proof/mutants:mutate.py",
            allow_single_file = True,
            executable = True,
            cfg = "exec",
        ),
    },
)

def _soname(library):
    """What Bazel calls a library's shared object where a test loads it."""
    path = "{}/lib{}".format(native.package_name(), library)
    return "lib{}.so".format(path.replace("_", "_U").replace("/", "_S"))

def mutants(name = "mutants", list = "mutants.txt", sources = [], tests = []):
    """A test of this package's tests, which comes last in its BUILD file.

    Args:
      name: of the test.
      list: the mutants.
      sources: files of this package's cc_library rules that the list changes.
      tests: those of other packages that have a part in it.
    """
    rules = native.existing_rules()
    library_of = {}
    own_tests = []
    for rule in rules.values():
        if rule["kind"] == "cc_test":
            own_tests.append(":" + rule["name"])
        if rule["kind"] == "cc_library":
            for src in rule.get("srcs", []):
                library_of[src.lstrip(":")] = rule["name"]

    data = [list, "//raft/proof/mutants:mutate.py"] + own_tests + tests
    args = ["$(rootpath {})".format(list)]
    for source in sources:
        if source not in library_of:
            fail("no cc_library of this package has " + source)
        stem = source[:-len(".cc")]
        shared = "libmutated_{}.so".format(stem)
        _mutated_source(
            name = "mutated_" + stem,
            testonly = True,
            src = source,
            mutants = list,
        )
        cc_binary(
            name = shared,
            testonly = True,
            srcs = [
                ":mutated_" + stem,
                "//tools/mutants:active_mutant.h",
            ],
            # The switches make dead code and unused names.
            copts = ["-w"],
            # What the library is compiled with is known, not by which header.
            features = ["-layering_check"],
            linkshared = True,
            linkstatic = False,
            tags = _TAGS,
            deps = [":" + library_of[source]],
        )
        data.append(":" + shared)
        args.append("--source={}/{},$(rootpath :{}),{}".format(
            native.package_name(),
            source,
            shared,
            _soname(library_of[source]),
        ))
    args += ["--test=$(rootpath {})".format(test) for test in own_tests + tests]

    # buildifier: disable=native-sh-test
    native.sh_test(
        name = name,
        size = "medium",
        srcs = ["//tools/mutants:score.py"],
        args = args,
        data = data,
        tags = _TAGS + ["mutants"],
    )
