# SPDX-License-Identifier: Apache-2.0

"""The actions of the cross toolchain, in the groups that flags apply to."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")

# Actions that run the compiler proper on C or C++.
COMPILE = [
    ACTION_NAMES.c_compile,
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
    ACTION_NAMES.linkstamp_compile,
]

# Actions that run the preprocessor.
PREPROCESS = COMPILE + [ACTION_NAMES.preprocess_assemble]

# Actions that run the driver on one source.
SOURCES = PREPROCESS + [ACTION_NAMES.assemble]

CPP = [
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
]

LINK_EXECUTABLE = ACTION_NAMES.cpp_link_executable

ARCHIVE = ACTION_NAMES.cpp_link_static_library

STRIP = ACTION_NAMES.strip
