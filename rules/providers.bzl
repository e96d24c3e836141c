# SPDX-License-Identifier: Apache-2.0

"""Providers of the rules."""

HypObjectsInfo = provider(
    doc = "Compiled objects, not yet linked; returned by hyp_library.",
    fields = {
        "objects": "depset of File, in link order: the library's own objects in the order of `srcs`, then those of its `deps`, left to right.",
        "commands": "depset of struct, one for each object: the compile commands that the `compile_commands` output group is made from. " +
                    "The fields may change between releases.",
        "unchecked": "depset of File: those of `objects` that no hyp_library with `check_undefined` has checked.",
    },
)

HypLinkerScriptInfo = provider(
    doc = "A linker script that is ready for `hyplink link`; returned by hyp_linker_script.",
    fields = {
        "script": "File: the preprocessed script, with line markers, or the source itself if that needs no preprocessing.",
        "source": "File: the source of the script.",
    },
)

HypObjectInfo = provider(
    doc = "A finished object and its intermediate stages; returned by hyp_object.",
    fields = {
        "object": "File: `hyp.o`, the result.",
        "objects": "depset of File: the linked objects, in link order.",
        "linker_script": "File: the script that the object was linked with; the first one if there are several.",
        "linker_scripts": "depset of File: all of them, in their order.",
        "script_inputs": "depset of File: what the scripts may include.",
        "partial": "File: the result of the partial link. The same File as `object` if there is no later stage.",
        "relocated": "File: the partially linked object with `.hyp.reloc`; None without `hyp_relocations`.",
        "layout": "File: the link map, as JSON: where each input section went.",
        "symbol_prefix": "string: the prefix of all symbol names; empty for none.",
        "symbol_suffix": "string: the suffix of all symbol names; empty for none.",
        "hyp_relocations": "bool: whether the object has a `.hyp.reloc` section.",
        "allowed_undefined": "depset of File: the lists of symbols that the object may leave undefined.",
    },
)

HypTreeInfo = provider(
    doc = "A kernel tree; returned by hyp_tree.",
    fields = {
        "root": "string: the tree's root directory, relative to the execution root.",
        "checked": "File: a file that is made only if the tree is the one that hypgen has seen; an input of every compile.",
        "archive": "File: an archive of the optional headers; None if there are none.",
        "optional": "depset of File: the optional headers.",
        "regenerate": "string: the command that describes the tree again, for messages; empty if it is not known.",
    },
)

HypMissingSourceInfo = provider(
    doc = "A source that a kernel tree no longer has; returned by hyp_missing_source.",
    fields = {"name": "string: the source's path in the tree."},
)

HypBootImageInfo = provider(
    doc = "A kernel that can be booted; returned by hyp_boot_image, and by hyp_boot_kernel for the hypervisor that kbuild made.",
    fields = {
        "image": "File: the Image.",
        "vmlinux": "File: the same kernel as ELF, with symbols and debug information.",
    },
)

HypBootKernelInfo = provider(
    doc = "A kernel whose Image can be linked again with another object; returned by hyp_boot_kernel.",
    fields = {
        "packages": "HypKbuildPackagesInfo: what it was built with, and is linked with.",
        "tree": "File: an archive of source and objects, in which `make Image` finds everything up to date.",
    },
)

HypKbuildPackagesInfo = provider(
    doc = "A root directory of pinned packages that kbuild runs in: those of a release of Debian, `//toolchain/kbuild:bookworm` and so on.",
    fields = {
        "files": "depset of File: the directory's files.",
        "root": "File: one at the top of the directory.",
    },
)

HyplinkToolchainInfo = provider(
    doc = "The programs of a hyplink toolchain: `toolchain_info.hyplink_info`, returned by hyplink_toolchain.",
    fields = {
        "hyplink": "FilesToRunProvider: the linker.",
        "hypcc": "FilesToRunProvider: runs one compile command, lists the headers that it did not read, and fails if it read files that are not inputs.",
    },
)

HypProvenanceInfo = provider(
    doc = "What a target was made from; returned by hyp_provenance_aspect and by hyp_provenance.",
    fields = {
        "statement": "File: the in-toto statement, unsigned: `hypaudit attest --statement=FILE --key=PEM` signs it.",
        "sbom": "File: the CycloneDX bill of materials.",
        "unused": "depset of File: for each compile, the list of the headers that it did not read, or its dependency file.",
    },
)
