// SPDX-License-Identifier: Apache-2.0

package main

// The shell scripts that run in the root directory of packages; the tree is in /build, what comes from outside in /in,
// and $GCC is the compilers' version. $COMPILER chooses the kernel's compiler, $SAME_COMPILER with the option that those of the rules have, $LINKER is the
// linker that belongs to it, and $MAPS are options for debug information with the rules' directories.

// makeCommand is make with everything that a build's bytes depend on. A path or a date of the machine is in none of it.
//
// Debug information has paths in the tree, as the kernel's documentation of reproducible builds recommends, and as objects of hyp_library have them. These
// are compiled by gcc with -fno-canonical-system-headers, which is in debug information as well and otherwise changes nothing.
const makeCommand = `make --no-print-directory ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- HOSTCC=gcc-$GCC \
	"$SAME_COMPILER" KCFLAGS="$PATHS" KAFLAGS="$PATHS" ` + stamps

// stamps are what a build has of the machine that it runs on.
const stamps = `KBUILD_BUILD_USER=rules_hyp KBUILD_BUILD_HOST=bazel KBUILD_BUILD_VERSION=1 KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026' `

// variables are those that makeCommand has, but for those of compilers.
const variables = `PATHS="-fdebug-prefix-map=/build=. -fdebug-prefix-map=./="
`

const unpackScript = `tar --extract --no-same-owner --strip-components=1 --directory=/build --file=/in/source.tar.xz`

const configureScript = makeCommand + `KCONFIG_ALLCONFIG=/in/fragment allnoconfig`

const buildScript = makeCommand + `--jobs=$JOBS $TARGETS`

// modulesScript has hyplink do all partial links: what these make in a kernel tree is called .o or .ko (docs/kbuild.md).
const modulesScript = makeCommand + `LD="\$(if \$(filter %.o %.ko,\$@),/in/hyplink ld,$LINKER)" --jobs=$JOBS Image modules`

// linkScript brings the Image up to date, which changes nothing.
const linkScript = makeCommand + `Image`

// relinkScript has kbuild copy an object instead of making it: of the directory's Makefile, only the rule for the result is left.
const relinkScript = `
cat > arch/arm64/kvm/hyp/nvhe/Makefile << 'EOF'
obj-y := kvm_nvhe.o
targets := kvm_nvhe.o
$(obj)/kvm_nvhe.o: /in/hyp.o FORCE
	$(call if_changed,copy)
EOF
` + linkScript + `
cmp /in/hyp.o arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o`

// unpackPartScript leaves out sources of drivers and other processors, which are nine tenths of a kernel, and which the hypervisor is not made of.
// Makefiles and the files that describe settings stay. The top directory is linux-source-VERSION, as of Debian.
const unpackPartScript = `
set --
for top in 'linux-source-[0-9].[0-9]' 'linux-source-[0-9].[0-9][0-9]'; do
	for dir in drivers sound net fs samples 'arch/[!a]*'; do set -- "$@" --exclude="$top/$dir/*.[chS]"; done
	for dir in Documentation tools/testing tools/perf; do set -- "$@" --exclude="$top/$dir/*.[chrst]*"; done
done
` + unpackScript + ` --anchored --wildcards --wildcards-match-slash --exclude='*.dts' --exclude='*.dtsi' "$@"`

// referenceMake is makeCommand for either compiler, without options that kbuild's dry run should not have. With clang, too, the linker is GNU ld, whose partial
// links hyplink's are equal to.
const referenceMake = `make --no-print-directory ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- "$COMPILER" LD=aarch64-linux-gnu-ld HOSTCC=gcc-$GCC ` + stamps

// baseScript makes a configuration, and puts the settings of /in/fragment on top.
const baseScript = `
case $BASE in
allnoconfig) ` + referenceMake + `KCONFIG_ALLCONFIG=/in/fragment allnoconfig ;;
*)
	` + referenceMake + `$BASE
	cat /in/fragment >> .config
	` + referenceMake + `olddefconfig ;;
esac`

// objectScript builds the hypervisor. Debug information has the options and directories of the rules' objects: docs/kernel.md says why.
const objectScript = referenceMake + `"$SAME_COMPILER" KCFLAGS="$MAPS" KAFLAGS="$MAPS" \
	--jobs=$JOBS arch/arm64/kvm/hyp/nvhe/`
