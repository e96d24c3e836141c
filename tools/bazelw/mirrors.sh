# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # work and locks are those of provide.sh
# Where Debian packages come from: the archives in apt's sources, apt's settings for them, and an archive that keeps old versions. Sourced by
# provide.sh, whose functions and variables it uses.

# Removes user names and passwords from the URLs in the standard input.
redact() { sed -E 's|(://)[^/@[:space:]]*@|\1|g'; }

# one_line_uris FILE…: prints the URIs of binary packages in apt's one-line format (sources.list(5)).
one_line_uris() {
  sed -nE 's/^[ \t]*deb[ \t]+(\[[^]]*\][ \t]+)?([a-z0-9+]+:[^ \t#]+)[ \t].*/\2/p' -- "$@"
}

# deb822_uris FILE…: prints the URIs of binary packages in apt's deb822 format, those of stanzas that are not disabled.
deb822_uris() {
  # At the end of a file there may be no empty line.
  local file
  for file; do
    cat -- "$file"
    printf '\n\n'
  done | awk '
    function finish(   words, count, i) {
      if ((" " value["types"] " ") ~ /[ \t]deb[ \t]/ && tolower(value["enabled"]) !~ /^[ \t]*(no|false|off|disable|without|0)[ \t]*$/) {
        count = split(value["uris"], words)
        for (i = 1; i <= count; i++) print words[i]
      }
      delete value
      name = ""
    }
    /^#/ { next }
    /^[ \t\r]*$/ { finish(); next }
    /^[ \t]/ { value[name] = value[name] " " $0; next }
    {
      name = tolower(substr($0, 1, index($0, ":") - 1))
      gsub(/[ \t]/, "", name)
      value[name] = substr($0, index($0, ":") + 1)
    }'
}

# Replaces each mirror+file:LIST in the standard input by the URIs in that list (apt-transport-mirror(1)).
expand_mirror_lists() {
  local uri list
  while read -r uri; do
    case $uri in
      mirror+file:*)
        list=${uri#mirror+file:}
        list=${list#//}
        [[ ! -r $list ]] || awk '!/^[ \t]*(#|$)/ { print $1 }' "$list"
        ;;
      cdrom:*) ;;
      *) printf '%s\n' "$uri" ;;
    esac
  done
}

# machine_mirrors ETC: prints the base URLs of the archives in apt's sources, in order, without duplicates.
machine_mirrors() {
  local etc=$1 file
  if [[ -n ${RULES_HYP_DEBIAN_MIRROR:-} ]]; then
    tr -s ' \t\n' '\n' <<<"$RULES_HYP_DEBIAN_MIRROR"
  else
    for file in "$etc"/sources.list "$etc"/sources.list.d/*; do
      [[ -r $file && -f $file ]] || continue
      case $file in
        *.list) one_line_uris "$file" ;;
        *.sources) deb822_uris "$file" ;;
      esac
    done | expand_mirror_lists
  fi | sed 's|/*$||' | awk 'NF && !seen[$0]++'
}

# Prints the URLs of the archive that keeps old versions, RULES_HYP_DEBIAN_SNAPSHOT, as it was after the index that runtime.lock is from.
snapshot_mirrors() {
  local base date
  [[ -n ${RULES_HYP_DEBIAN_SNAPSHOT:-} ]] || return 0
  date=$(sed -nE '/^#/ s/.*index of ([0-9]{4}-[0-9]{2}-[0-9]{2}).*/\1/p' "$locks/runtime.lock" | tail -n 1)
  [[ -n $date ]] || return 0
  for base in $RULES_HYP_DEBIAN_SNAPSHOT; do
    # It has the archive's state at any time: of the last copy before. The index was published on that day, at an unknown hour.
    printf '%s/archive/debian/%s\n' "${base%/}" "$(date -u -d "$date + 1 day" +%Y%m%dT000000Z)" "${base%/}" "$(date -u -d "$date" +%Y%m%dT120000Z)"
  done
}

# Prints the lines of apt's or mmdebstrap's output that give a reason, or all of it if there are none.
apt_reasons() {
  local output
  output=$(redact)
  grep -E -A 1 '^(Err|E:|W:|Error:|Warning:|bazelw:)' <<<"$output" | grep -vE '^--$|^(Get|Hit|Ign|I):|unsandboxed as root' || printf '%s\n' "$output"
}

# has_suite SUITE MIRROR [HELPER]: succeeds if the mirror has the suite; otherwise it prints apt's reasons.
has_suite() {
  local answer
  answer=$("${3:-/usr/lib/apt/apt-helper}" download-file "$2/dists/$1/InRelease" "$work/InRelease" 2>&1) && return
  apt_reasons <<<"$answer"
  return 1
}

# find_mirrors SUITE [HELPER]: prints the mirrors that have the suite, in order: those of the machine, then the archive of old versions.
find_mirrors() {
  local suite=$1 mirror tried=() reason reasons='' found=0
  while read -r mirror; do
    tried+=("$mirror")
    if reason=$(has_suite "$suite" "$mirror" "${@:2}"); then
      printf '%s\n' "$mirror"
      found=1
    else
      reasons+=$reason$'\n'
    fi
  done < <(machine_mirrors /etc/apt && snapshot_mirrors)
  ((found == 0)) || return 0
  printf '%s' "$reasons" >&2
  fail "no mirror in apt's sources has the suite $suite (tried: $(redact <<<"${tried[*]:-none}")); set RULES_HYP_DEBIAN_MIRROR to the base URL of a Debian mirror that has it"
}

# find_mirror SUITE [HELPER]: prints the first of them.
find_mirror() {
  local found
  found=$(find_mirrors "$@")
  printf '%s' "${found%%$'\n'*}"
}

# apt_proxy URL: prints the proxy that apt's settings have for a URL, or DIRECT; nothing if they have none, so that the environment decides.
apt_proxy() {
  local url=$1 scheme=${1%%:*} host key value command
  command -v apt-config >/dev/null || return 0
  host=${url#*://}
  host=${host%%/*}
  host=${host##*@}
  host=${host%:*}
  # apt takes the settings of http for https as well, if that has none.
  for scheme in $scheme http; do
    for key in "$scheme::Proxy::$host" "$scheme::Proxy"; do
      value=$(apt_setting "Acquire::$key")
      [[ -z $value ]] || { printf '%s' "$value"; return; }
    done
    for key in Proxy-Auto-Detect ProxyAutoDetect; do
      command=$(apt_setting "Acquire::$scheme::$key")
      [[ -n $command ]] || continue
      value=$("$command" "$url" 2>/dev/null) || value=''
      [[ -z $value ]] || { printf '%s' "${value%%$'\n'*}"; return; }
    done
  done
}

# use_apt_proxy URL: exports the proxy that apt's settings have for a URL. mmdebstrap's apt reads the environment, but not the machine's settings.
use_apt_proxy() {
  local proxy
  proxy=$(apt_proxy "$1")
  case $proxy in
    '') ;;
    DIRECT) unset http_proxy https_proxy ;;
    *) export http_proxy=$proxy https_proxy=$proxy ;;
  esac
}

# Prints further options for mmdebstrap, one a line: what the machine's apt has for its mirrors besides proxies, such as certificates.
apt_options() {
  local file
  for file in auth.conf auth.conf.d; do
    [[ ! -r /etc/apt/$file ]] || case $file in
      *.d) printf '%s\n' "--aptopt=Dir::Etc::netrcparts \"/etc/apt/$file\"" ;;
      *) printf '%s\n' "--aptopt=Dir::Etc::netrc \"/etc/apt/$file\"" ;;
    esac
  done
  ! command -v apt-config >/dev/null || apt-config dump --no-empty --format '%F "%v"%n' Acquire |
    { grep -E '^Acquire::(https?::|Retries |ForceIPv)' || true; } | { grep -viE '^[^"]*::proxy' || true; } | sed 's/^/--aptopt=/'
}
