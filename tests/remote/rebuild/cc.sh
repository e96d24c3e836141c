# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# cc.sh OUTPUT SOURCE: compiles a C source with the programs and libraries of a package that are beside this script.
set -e
cc=$(dirname "$0")
run() { program=$1; shift; "$cc/ld-linux-x86-64.so.2" --library-path "$cc" "$cc/$program" "$@"; }
run cc1 -quiet -O2 "$2" -o "$1.s"
run as -o "$1" "$1.s"
rm "$1.s"
