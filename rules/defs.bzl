"""The public rules: compile, preprocess, link.

```starlark
load("@rules_hyp//rules:defs.bzl", "hyp_library", "hyp_linker_script", "hyp_object")
```
"""

load("//rules/private:library.bzl", _hyp_library = "hyp_library")
load("//rules/private:linker_script.bzl", _hyp_linker_script = "hyp_linker_script")
load("//rules/private:object.bzl", _hyp_object = "hyp_object")

hyp_library = _hyp_library
hyp_linker_script = _hyp_linker_script
hyp_object = _hyp_object
