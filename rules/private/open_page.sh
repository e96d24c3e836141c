#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Opens the page next to this file, of the same name with .html after it, in a browser, and prints its path.
#
#   open_page.sh [--print]
#
# --print only prints the path; so does a machine without a display. hyp_layout_page has a copy for each page.
set -eu

page=$0.html
case $page in
  /*) ;;
  *) page=$PWD/$page ;;
esac
if [ ! -e "$page" ]; then
  printf '%s: does not exist; run this with bazel run\n' "$page" >&2
  exit 1
fi
printf '%s\n' "$page"
case ${1-} in
  '') ;;
  --print) exit 0 ;;
  *)
    printf '%s: got %s, want --print or nothing\n' "${0##*/}" "$1" >&2
    exit 2
    ;;
esac

if [ -n "${BROWSER-}" ]; then
  exec "$BROWSER" "$page"
fi
if [ "$(uname)" = Darwin ]; then
  exec open "$page"
fi
if [ -n "${DISPLAY-}${WAYLAND_DISPLAY-}" ] && command -v xdg-open > /dev/null; then
  exec xdg-open "$page"
fi
printf 'no display or no xdg-open; open the file in a browser\n' >&2
