# SPDX-License-Identifier: Apache-2.0
"""C++ from .proto with Debian's protoc, without a network."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def cc_proto(name, srcs, root, deps = [], imports = [], grpc = False, visibility = None):
    """Generates and compiles messages, and services when grpc is set.

    Args:
      name: the cc_library; its .proto files are in name + "_protos".
      srcs: .proto files, relative to this package, which is the import root.
      root: this package's path, for protoc's -I.
      deps: other cc_proto targets that srcs import.
      imports: filegroups of .proto files that srcs import from elsewhere.
      grpc: whether srcs define services.
      visibility: of the library and of the .proto files.
    """
    native.filegroup(name = name + "_protos", srcs = srcs + imports, visibility = visibility)
    stems = [src[:-len(".proto")] for src in srcs]
    headers = [stem + ".pb.h" for stem in stems]
    sources = [stem + ".pb.cc" for stem in stems]
    command = "protoc -I {root} -I third_party/googleapis -I third_party/grpc_health --cpp_out=$(RULEDIR)".format(root = root)
    if grpc:
        headers += [stem + ".grpc.pb.h" for stem in stems]
        sources += [stem + ".grpc.pb.cc" for stem in stems]
        command += " --plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin --grpc_out=$(RULEDIR)"
    native.genrule(
        name = name + "_generated",
        srcs = srcs + imports,
        outs = headers + sources,
        cmd = command + "".join([" {}/{}".format(root, src) for src in srcs]),
    )
    cc_library(
        name = name,
        srcs = sources,
        hdrs = headers,
        copts = ["-w"],
        features = ["-layering_check"],
        includes = ["."],
        visibility = visibility,
        deps = deps + (["@system//:grpcpp"] if grpc else ["@system//:protobuf"]),
    )
