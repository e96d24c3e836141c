# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What kbuild makes of pi, the EFI stub and the vDSO of a kernel: /in/islands.tar has its objects, the files that they were made from, and for each
# directory its dry run and a list of these files. toolchain/kbuild runs this in /build, and sets the variables.
dirs='arch/arm64/kernel/pi arch/arm64/kernel/vdso drivers/firmware/efi/libstub'

build() {
    make --no-print-directory ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- LD=aarch64-linux-gnu-ld HOSTCC="gcc-$GCC" \
        KBUILD_BUILD_USER=rules_hyp KBUILD_BUILD_HOST=bazel KBUILD_BUILD_VERSION=1 KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026' "$@"
}

# Most of a kernel is sources that these are not made of.
set --
for top in 'linux-source-[0-9].[0-9]' 'linux-source-[0-9].[0-9][0-9]'; do
    for dir in 'drivers/[!f]*' sound net fs samples 'arch/[!a]*'; do set -- "$@" --exclude="$top/$dir/*.[chS]"; done
    for dir in Documentation tools/testing tools/perf; do set -- "$@" --exclude="$top/$dir/*.[chrst]*"; done
done
tar --extract --no-same-owner --strip-components=1 --directory=/build --file=/in/source.tar.xz \
    --anchored --wildcards --wildcards-match-slash --exclude='*.dts' --exclude='*.dtsi' "$@"

build "$COMPILER" defconfig

# Debug information has the options and directories of the rules' objects: docs/kernel.md says why.
targets=
for dir in $dirs; do targets="$targets $dir/"; done
# shellcheck disable=SC2086  # one target a word
build "$SAME_COMPILER" KCFLAGS="$MAPS" KAFLAGS="$MAPS" --jobs="$(nproc)" $targets

for dir in $dirs; do
    # The arguments of internal/kernel/tree for /build and /tmp; a test compares them.
    # shellcheck disable=SC2016  # make's $$
    build "$COMPILER" -n V=1 --no-print-directory -C /build KBUILD_ABS_SRCTREE=1 newer-prereqs=yes cmd-check=yes may-sync-config= need-compiler=1 obj-dirs= \
        'TMPOUT=/tmp/$$$$' ARCH=arm64 "$dir/" > "/tmp/dryrun.txt"
    mv /tmp/dryrun.txt "$dir/dryrun.txt"
done

# kbuild's records name all files that an object depends on, some as /build/FILE or DIR/../FILE. DIR/files.txt has those of a directory.
for dir in $dirs; do
    {
        # The one file that fixdep leaves out.
        echo include/generated/autoconf.h
        cat "$dir"/.*.o.cmd
    } | tr ' \t\\():;$' '[\n*]' | sort -u | while read -r name; do
        if [ -f "$name" ]; then echo "$name"; fi
    done | xargs realpath --relative-base=/build | grep -v -e '^/' -e '^include/config/' -e '\.o$' | sort -u > /tmp/files.txt
    mv /tmp/files.txt "$dir/files.txt"
    cat "$dir/files.txt"
    printf '%s\n' "$dir/dryrun.txt" "$dir/files.txt" "$dir"/*.o
done > /tmp/names
printf '%s\n' .config Makefile >> /tmp/names
sort -u /tmp/names > /tmp/wanted
tar --create --file=/in/islands.tar --format=ustar --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rw,go=r --hard-dereference --files-from=/tmp/wanted
