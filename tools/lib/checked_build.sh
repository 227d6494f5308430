# One build for three purposes: clang's thread-safety analysis and layering
# check as it compiles, the compile commands of clang-tidy, and the binaries of
# the tests under AddressSanitizer and UBSan.  Source after common.sh.
# shellcheck shell=bash

# The last option gives the C++ part of UBSan's runtime to a link that Bazel
# does with clang instead of clang++.
# shellcheck disable=SC2034
readonly CHECKED_BUILD=(--config=thread_safety --config=asan
	--platform_suffix=-asan --linkopt=-fsanitize-link-c++-runtime)
