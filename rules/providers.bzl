"""What the rules hand to each other and to rules of your own."""

HypObjectsInfo = provider(
    doc = "Compiled objects, not yet linked; given by hyp_library.",
    fields = {
        "objects": "depset of File, in link order: a library's own objects in the order of `srcs`, then those of its `deps` from left to right.",
        "commands": "depset of struct, one for each object: the compile commands, from which the `compile_commands` output group is written. " +
                    "Its fields may change from one release to the next.",
    },
)

HypLinkerScriptInfo = provider(
    doc = "A linker script that is ready for `hyplink link`; given by hyp_linker_script.",
    fields = {
        "script": "File: the preprocessed script, with the preprocessor's line markers, or the source itself where that needs no preprocessing.",
        "source": "File: the script as it was written.",
    },
)

HypObjectInfo = provider(
    doc = "A finished object and every stage it went through; given by hyp_object.",
    fields = {
        "object": "File: `hyp.o`, the result.",
        "objects": "depset of File: what was linked, in link order.",
        "linker_script": "File: the script it was linked with.",
        "partial": "File: the result of the partial link. The same File as `object` when no later stage was asked for.",
        "relocated": "File: the partial link with `.hyp.reloc` in it, or None without `hyp_relocations`.",
        "layout": "File: the link's map as JSON: where each input section went.",
        "symbol_prefix": "string: what every symbol's name starts with; empty when nothing was added.",
        "hyp_relocations": "bool: whether the object holds `.hyp.reloc`.",
        "allowed_undefined": "depset of File: the lists of symbols that the object may leave undefined.",
    },
)

HyplinkToolchainInfo = provider(
    doc = "The programs of the hyplink toolchain; found in `toolchain_info.hyplink_info`, given by hyplink_toolchain.",
    fields = {
        "hyplink": "FilesToRunProvider: the linker.",
        "hypcc": "FilesToRunProvider: runs one compile command and lists the headers that it did not read.",
    },
)
