package main

// The shell scripts that run in the root directory of packages; the tree is in /build, what comes from outside in /in,
// and $GCC is the compilers' version.

// makeCommand is make with everything that a build's bytes depend on. A path or a date of the machine is in none of it.
//
// Debug information has paths in the tree, as the kernel's documentation of reproducible builds recommends, and as objects of hyp_library have them. These
// are compiled with -fno-canonical-system-headers, which is in debug information as well and otherwise changes nothing.
const makeCommand = `make --no-print-directory ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- HOSTCC=gcc-$GCC \
	CC="aarch64-linux-gnu-gcc-$GCC -fno-canonical-system-headers" KCFLAGS="$PATHS" KAFLAGS="$PATHS" \
	KBUILD_BUILD_USER=rules_hyp KBUILD_BUILD_HOST=bazel KBUILD_BUILD_VERSION=1 KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026' `

// variables are those that makeCommand has, but for GCC.
const variables = `PATHS="-fdebug-prefix-map=/build=. -fdebug-prefix-map=./="
`

const unpackScript = `tar --extract --no-same-owner --strip-components=1 --directory=/build --file=/in/source.tar.xz`

const configureScript = makeCommand + `KCONFIG_ALLCONFIG=/in/fragment allnoconfig`

const buildScript = makeCommand + `--jobs=$JOBS $TARGETS`

// modulesScript has hyplink do all partial links: what these make in a kernel tree is called .o or .ko (docs/kbuild.md).
const modulesScript = makeCommand + `LD='$(if $(filter %.o %.ko,$@),/in/hyplink ld,$(CROSS_COMPILE)ld)' --jobs=$JOBS Image modules`

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
