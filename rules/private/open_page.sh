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

# BROWSER is a program; or commands with colons between them, of which the first that is there counts, with arguments, of which %s is the page.
if [ -n "${BROWSER-}" ]; then
  if command -v "$BROWSER" > /dev/null; then
    exec "$BROWSER" "$page"
  fi
  set -f
  IFS=:
  for browser in $BROWSER; do
    unset IFS
    # shellcheck disable=SC2086  # words
    set -- $browser
    ! command -v "${1-}" > /dev/null || break
    set --
  done
  if [ $# = 0 ]; then
    printf 'BROWSER: got %s, none of which is a program; open the file in a browser\n' "$BROWSER" >&2
    exit 1
  fi
  case $browser in
    *%s*)
      for word; do
        shift
        [ "$word" != %s ] || word=$page
        set -- "$@" "$word"
      done
      ;;
    *) set -- "$@" "$page" ;;
  esac
  exec "$@"
fi
if [ "$(uname)" = Darwin ]; then
  exec open "$page"
fi
if [ -n "${DISPLAY-}${WAYLAND_DISPLAY-}" ] && command -v xdg-open > /dev/null; then
  exec xdg-open "$page"
fi
printf 'no display or no xdg-open; open the file in a browser\n' >&2
