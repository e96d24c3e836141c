// SPDX-License-Identifier: Apache-2.0

package lint

const versionGo = "package version\n\nconst Number = \"1.2.3\"\n"

var versionCases = []ruleCase{
	{"version", "one", files(versionFile, versionGo, "MODULE.bazel", "module(\n    name = \"rules_hyp\",\n    version = \"1.2.3\",\n",
		"CHANGELOG.md", "# Changes\n\nOf x.\n\n## 1.2.3 (unreleased)\n\n### a\n\n## 1.2.2\n", "tools/release/dist/BUILD.bazel", "VERSION = \"1.2.3\"\n",
		"a.md", "bazel_dep(name = \"rules_hyp\", version = \"1.2.3\")\nbazel_dep(name = \"rules_hyp\", version = \"1.2.3.prebuilt\")\n", "e2e/MODULE.bazel", "bazel_dep(name = \"other\", version = \"1\")\n"), nil},
	{"version", "others", files(versionFile, versionGo, "MODULE.bazel", "module(\n    name = \"rules_hyp\",\n    version = \"1.2.4\",\n",
		"CHANGELOG.md", "# Changes\n\n## 1.2.4\n\n## 1.2.3\n", "tools/release/dist/BUILD.bazel", "# VERSION\n",
		"a.md", "\nbazel_dep(name = \"rules_hyp\", version = \"1.2.2\")\n"), []string{
		"MODULE.bazel:3: version 1.2.4, want 1.2.3 of internal/version/version.go",
		"CHANGELOG.md:3: version 1.2.4, want 1.2.3 of internal/version/version.go",
		"tools/release/dist/BUILD.bazel: has no version; write 1.2.3, or adapt tests/lint/version.go",
		"a.md:2: version 1.2.2, want 1.2.3 of internal/version/version.go",
	}},
	{"version", "none", files(versionFile, "package version\n"), []string{
		"internal/version/version.go: has no line const Number = \"VERSION\"; restore it",
	}},
}
