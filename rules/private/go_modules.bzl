# SPDX-License-Identifier: Apache-2.0

"""The Go modules of this project, one repository each, for MODULE.bazel and WORKSPACE."""

load("//rules/private:go_module.bzl", "go_module", "repository_name")

GO_SDK_VERSION = "1.26.8"

# File names and SHA-256 of the archives at go.dev/dl.
GO_SDKS = {
    "linux_amd64": ["go1.26.8.linux-amd64.tar.gz", "d0f743b33e8d8945e6b1f432edd15785c70507121d6e2a723b21285eddf8b57b"],
    "linux_arm64": ["go1.26.8.linux-arm64.tar.gz", "211ffced9dcb9633a55eac6364816ec0ddd951389a740e88fa8b3337971bdda0"],
}

GO_MODULES = [
    "github.com/CycloneDX/cyclonedx-go",
    "github.com/bazelbuild/buildtools",
    "github.com/chromedp/cdproto",
    "github.com/chromedp/chromedp",
    "github.com/go-json-experiment/json",
    "github.com/golang/protobuf",
    "github.com/google/safeopen",
    "github.com/in-toto/attestation",
    "github.com/klauspost/compress",
    "github.com/secure-systems-lab/go-securesystemslib",
    "github.com/ulikunitz/xz",
    "golang.org/x/arch",
    "golang.org/x/crypto",
    "golang.org/x/net",
    "golang.org/x/sync",
    "golang.org/x/sys",
    "golang.org/x/text",
    "golang.org/x/tools",
    "google.golang.org/genproto/googleapis/rpc",
    "google.golang.org/grpc",
    "google.golang.org/protobuf",
    "mvdan.cc/gofumpt",
    "mvdan.cc/sh/v3",
]

def go_modules(go_root_file):
    """Declares a repository for each Go module that go.mod requires.

    Args:
        go_root_file: label of a file in the root directory of the Go SDK that downloads them.
    """
    for importpath in GO_MODULES:
        name = repository_name(importpath)
        if name not in native.existing_rules():
            go_module(
                name = name,
                go_root_file = go_root_file,
                importpath = importpath,
            )
