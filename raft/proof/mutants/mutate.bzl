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
