# SPDX-License-Identifier: Apache-2.0
"""Each file of this folder as a target of its own.

They take real namespaces, real OVN daemons and fixed addresses, so they run on
this machine as root, one after the other, and each time that they are asked
for: what they see is not a function of their files alone.
"""

_COMMON_DATA = [
    "//:quickstart",
    "//agent:microovnd",
    "//ctl:microovn",
    "//integration:scripts",
    "//integration/harness:scripts",
]

def integration_test(name, size = "large", long = False, data = [], file = None, args = []):
    """The test NAME.sh.

    Args:
      name: the file's name without its ending
      size: medium for 5 minutes, large for 15, enormous for an hour
      long: runs only when it is named, or with integration/run --long
      data: programs that it needs besides microovnd and microovn
      file: where its file has another name
      args: what the file is given
    """

    # buildifier: disable=native-sh-test
    native.sh_test(
        name = name,
        size = size,
        srcs = [(file or name) + ".sh"],
        args = args,
        data = _COMMON_DATA + data,
        tags = ["exclusive", "external", "local"] +
               (["long", "manual"] if long else []),
    )

def integration_test_of_each(name, cases, **kwargs):
    """The test NAME.sh once for each case, as NAME_CASE; NAME is all of them.

    Args:
      name: the file's name without its ending
      cases: what the file is given, by the case's name
      **kwargs: as of integration_test
    """
    for case, args in cases.items():
        integration_test(
            name = name + "_" + case,
            file = name,
            args = args,
            **kwargs
        )

    # Whoever asks for all tests of the folder does not ask for long ones.
    native.test_suite(
        name = name,
        tags = ["manual"] if kwargs.get("long") else [],
        tests = [name + "_" + case for case in cases],
    )

def no_file_without_target(files):
    """Refuses to load the package while a test has no line in it.

    Args:
      files: every test of the folder
    """
    for file in files:
        if not native.existing_rule(file[:-len(".sh")]):
            fail("%s has no integration_test() in BUILD.bazel" % file)
