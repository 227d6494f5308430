# SPDX-License-Identifier: Apache-2.0
"""One file of properties, run by a fuzzer and by an ordinary test."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def fuzz_target(name, deps, found = None):
    """Makes NAME, libFuzzer's binary, and NAME_test, which replays.

    Args:
      name: of the target; its source is name + ".cc" (base/testing/fuzz_target.h).
      deps: what the source includes, but for fuzz_target.h.
      found: inputs that a fuzzer found once, to be replayed.
    """
    cc_library(
        name = name + "_target",
        testonly = True,
        srcs = [name + ".cc"],
        visibility = ["//visibility:private"],
        deps = deps + ["//base/testing:fuzz_target"],
        alwayslink = True,
    )

    # Needs --config=fuzz; tools/fuzz builds and runs it.
    cc_binary(
        name = name,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = [
            "fuzz",
            "manual",
        ],
        visibility = ["//visibility:private"],
        deps = [
            name + "_target",
            "//base/testing:fuzz_engine",
        ],
    )
    cc_test(
        name = name + "_test",
        size = "small",
        args = ["$(location {})".format(file) for file in found or []],
        data = found or [],
        visibility = ["//visibility:private"],
        deps = [
            name + "_target",
            "//base/testing:fuzz_replay",
        ],
    )
