// SPDX-License-Identifier: Apache-2.0

// Package debkernel finds the packages that a kernel of Debian was built from, and writes a Bazel workspace that builds its hypervisor from them.
package debkernel

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/debian"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Kernel is a kernel of Debian for arm64.
type Kernel struct {
	// Image is the package with the kernel's image.
	Image debian.Package
	// Inputs are the packages with its source, the common headers, and the headers and configuration of its flavour.
	Inputs []debian.Package
	// Version is the version of its source package linux-source-VERSION: 6.12.
	Version string
	// Patches is the name of the set of patches that its source has and linux-source-VERSION has not: rt. It is empty for most.
	Patches string
	// GCC is the major version of the compiler that its headers name: 14.
	GCC string
}

// Show returns apt's records of a package, NAME or NAME=VERSION, the newest version first.
type Show func(spec string) (string, error)

// Prefixes of the packages that have an image, or depend on the one that has it.
var imagePrefixes = []string{"linux-binary-", "linux-image-"}

// maxSteps is how many packages are followed from that of the command line to the image, such as linux-image-arm64, linux-image-7.2.12+deb14-arm64 and
// linux-binary-7.2.12+deb14-arm64.
const maxSteps = 4

// Find finds a kernel by the name of an image package, or of one that depends on it. An empty version is the newest.
func Find(show Show, name, version string) (*Kernel, error) {
	for range maxSteps {
		record, err := find(show, name, version)
		if err != nil {
			return nil, err
		}
		next, err := follow(record)
		if err != nil {
			return nil, err
		}
		if next == "" {
			return kernel(show, record)
		}
		// What it depends on is pinned to its own version.
		if name, version = next, ""; abi(name) == abi(record["Package"]) {
			version = record["Version"]
		}
	}
	return nil, errcode.KernelPackage.Errorf("%s: depends on no package with an image; name one, such as linux-image-6.12.117+deb13-arm64", name)
}

// find returns the record of one package.
func find(show Show, name, version string) (debian.Record, error) {
	spec := name
	if version != "" {
		spec += "=" + version
	}
	text, err := show(spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec, err)
	}
	records, err := debian.ParseRecords(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec, err)
	}
	return records[0], nil
}

// abi is what the names of one kernel's packages have in common: 6.12.117+deb13-arm64. It is empty for other packages.
func abi(name string) string {
	for _, prefix := range imagePrefixes {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return strings.TrimSuffix(rest, "-unsigned")
		}
	}
	return ""
}

// follow returns the package to look at instead: one without an image depends on it. It is empty for the image's own.
func follow(record debian.Record) (string, error) {
	name := record["Package"]
	if !slices.ContainsFunc(imagePrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
		return "", errcode.KernelPackage.Errorf("%s: is no package of a kernel image; name one, such as linux-image-6.12.117+deb13-arm64", name)
	}
	for _, dependency := range record.Depends() {
		if other := abi(dependency); other != "" && dependency != name && (abi(name) == "" || other == abi(name)) {
			return dependency, nil
		}
	}
	if abi(name) == "" {
		return "", errcode.KernelPackage.Errorf("%s %s: depends on no package with an image; name one, such as linux-image-6.12.117+deb13-arm64", name, record["Version"])
	}
	return "", nil
}

var (
	release  = regexp.MustCompile(`^[0-9]+\.[0-9]+`)
	compiler = regexp.MustCompile(`^(?:linux-compiler-)?gcc-([0-9]+)(?:-for-host|-arm64)?$`)
)

// kernel finds what belongs to an image. All is of one version: the image is built from the same source.
func kernel(show Show, image debian.Record) (*Kernel, error) {
	name, version := image["Package"], image["Version"]
	k := &Kernel{Version: release.FindString(version)}
	if k.Version == "" {
		return nil, errcode.KernelPackage.Errorf("%s: its version %q has no number of a kernel", name, version)
	}
	var err error
	if k.Image, err = image.Package(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	headers, err := find(show, "linux-headers-"+abi(name), version)
	if err != nil {
		return nil, fmt.Errorf("%s: its configuration is in another package: %w", name, err)
	}
	var common string
	for _, dependency := range headers.Depends() {
		switch {
		case strings.HasPrefix(dependency, "linux-headers-") && strings.Contains(dependency, "-common"):
			common = dependency
		case compiler.MatchString(dependency):
			k.GCC = compiler.FindStringSubmatch(dependency)[1]
		}
	}
	if common == "" || k.GCC == "" {
		return nil, errcode.KernelPackage.Errorf("%s: depends on %s, want common headers (linux-headers-…-common) and a compiler (gcc-…)", headers["Package"], strings.Join(headers.Depends(), ", "))
	}
	_, k.Patches, _ = strings.Cut(common, "-common-")
	k.Inputs = make([]debian.Package, 0, 3)
	if p, err := headers.Package(); err != nil {
		return nil, fmt.Errorf("%s: %w", headers["Package"], err)
	} else {
		k.Inputs = append(k.Inputs, p)
	}
	for _, other := range []string{common, "linux-source-" + k.Version} {
		record, err := find(show, other, version)
		if err != nil {
			return nil, fmt.Errorf("%s: was built from another package: %w", name, err)
		}
		p, err := record.Package()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", other, err)
		}
		k.Inputs = append(k.Inputs, p)
	}
	return k, nil
}
