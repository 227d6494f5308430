# SPDX-License-Identifier: Apache-2.0
"""The system's libraries that our programs carry (docs/adr/0017)."""

# A shared library is mapped whole, and its tables of symbols and relocations
# are read at each start: that was a third of an agent's memory and most of what
# `microovn --version` took. OpenSSL, zlib and bzip2 stay shared, so that their
# fixes come with the system's; libsystemd has no archive.
_LIBRARIES = [
    "grpc++_reflection",
    "grpc++",
    "grpc",
    "gpr",
    "upb",
    "re2",
    "cares",
    "address_sorting",
    "protobuf",
    "rocksdb",
    "snappy",
    "lz4",
    "zstd",
    "glog",
    "gflags",
    "yaml-cpp",
]

_ABSL = [
    "bad_any_cast_impl",
    "bad_optional_access",
    "bad_variant_access",
    "base",
    "city",
    "civil_time",
    "cord",
    "cord_internal",
    "cordz_functions",
    "cordz_handle",
    "cordz_info",
    "debugging_internal",
    "demangle_internal",
    "examine_stack",
    "exponential_biased",
    "graphcycles_internal",
    "hash",
    "hashtablez_sampler",
    "int128",
    "log_severity",
    "low_level_hash",
    "malloc_internal",
    "random_distributions",
    "random_internal_platform",
    "random_internal_pool_urbg",
    "random_internal_randen",
    "random_internal_randen_hwaes",
    "random_internal_randen_hwaes_impl",
    "random_internal_randen_slow",
    "random_internal_seed_material",
    "random_seed_gen_exception",
    "random_seed_sequences",
    "raw_hash_set",
    "raw_logging_internal",
    "spinlock_wait",
    "stacktrace",
    "status",
    "statusor",
    "str_format_internal",
    "strerror",
    "strings",
    "strings_internal",
    "symbolize",
    "synchronization",
    "throw_delegate",
    "time",
    "time_zone",
]

ARCHIVES = _LIBRARIES + ["absl_" + name for name in _ABSL] + ["stdc++"]

# Linkopts of a cc_binary, whose additional_linker_inputs are ARCHIVE_FILES. A
# linker takes the first directory that has a library, and this one has archives
# only. They come before what the libraries below ask for, and as a group,
# because archives need each other both ways.
CARRIES_ITS_LIBRARIES = (
    ["-Lexternal/archives", "-Wl,--start-group"] +
    ["-l" + name for name in ARCHIVES] +
    ["-Wl,--end-group", "-Wl,--gc-sections"] +
    # What archives ask for and stays shared. libunwind is glog's; Debian's
    # archive of it cannot be part of a program that may be loaded anywhere.
    [
        "-lssl",
        "-lcrypto",
        "-lunwind",
        "-lz",
        "-lbz2",
    ]
)

ARCHIVE_FILES = ["@archives//:files"]
