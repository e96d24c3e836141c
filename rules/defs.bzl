# SPDX-License-Identifier: Apache-2.0

"""The public rules: compile, preprocess, link; say what an object was made from; build it twice; boot it.

```starlark
load("@rules_hyp//rules:defs.bzl", "hyp_library", "hyp_linker_script", "hyp_object")
```
"""

load("//rules/private:boot_kernel.bzl", _hyp_boot_image = "hyp_boot_image", _hyp_boot_kernel = "hyp_boot_kernel")
load("//rules/private:boot_test.bzl", _hyp_boot_test = "hyp_boot_test")
load("//rules/private:cc_object.bzl", _hyp_cc_object = "hyp_cc_object")
load("//rules/private:compare_page.bzl", _hyp_compare_page = "hyp_compare_page")
load("//rules/private:island.bzl", _hyp_island = "hyp_island")
load("//rules/private:layout_page.bzl", _hyp_layout_page = "hyp_layout_page")
load("//rules/private:library.bzl", _hyp_library = "hyp_library")
load("//rules/private:linker_script.bzl", _hyp_linker_script = "hyp_linker_script")
load("//rules/private:missing_source.bzl", _hyp_missing_source = "hyp_missing_source")
load("//rules/private:object.bzl", _hyp_object = "hyp_object")
load("//rules/private:pkvm_module.bzl", _pkvm_el2_module = "pkvm_el2_module")
load("//rules/private:provenance.bzl", _hyp_provenance = "hyp_provenance")
load("//rules/private:provenance_aspect.bzl", _hyp_provenance_aspect = "hyp_provenance_aspect")
load("//rules/private:reproducibility.bzl", _hyp_reproducibility_test = "hyp_reproducibility_test")
load("//rules/private:tree.bzl", _hyp_tree = "hyp_tree")

hyp_boot_image = _hyp_boot_image
hyp_boot_kernel = _hyp_boot_kernel
hyp_boot_test = _hyp_boot_test
hyp_cc_object = _hyp_cc_object
hyp_compare_page = _hyp_compare_page
hyp_island = _hyp_island
hyp_layout_page = _hyp_layout_page
hyp_library = _hyp_library
hyp_linker_script = _hyp_linker_script
hyp_missing_source = _hyp_missing_source
hyp_object = _hyp_object
hyp_provenance = _hyp_provenance
hyp_provenance_aspect = _hyp_provenance_aspect
hyp_reproducibility_test = _hyp_reproducibility_test
hyp_tree = _hyp_tree
pkvm_el2_module = _pkvm_el2_module
