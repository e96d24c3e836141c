# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What bazelw and provide.sh check before they download, execute or write anything. Sourced by both.

say() { printf 'bazelw: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Succeeds if the user can be asked.
can_ask() { [[ -t 0 && -t 2 ]]; }

# as_root WHY COMMAND…: runs a command as root if there is sudo and a terminal, and the user agrees there. Otherwise it fails, and says the command.
as_root() {
  local why=$1 answer='' words
  shift
  words=$*
  command -v sudo >/dev/null || fail "$why; run as root: $words"
  if can_ask; then
    printf 'bazelw: %s. Run this now: sudo %s? [y/N] ' "$why" "$words" >&2
    read -r answer || true
    if [[ $answer == [yY]* ]]; then
      sudo "$@" >&2 || fail "$why, and this failed: sudo $words"
      return
    fi
  fi
  fail "$why; run: sudo $words"
}

# apt_setting NAME: prints a setting of apt's.
apt_setting() {
  local value=''
  eval "$(apt-config shell value "$1")"
  printf '%s' "$value"
}

# apt_environment ETC: exports the proxies of apt's settings for Bazel and Go, if the environment has none: Bazel downloads from the same mirrors.
apt_environment() {
  local etc=$1 proxy
  [[ -z ${http_proxy:-}${https_proxy:-}${HTTP_PROXY:-}${HTTPS_PROXY:-} ]] || return 0
  # To look for the word takes less time than to start apt-config.
  { grep -rqsi proxy "$etc/apt.conf" "$etc/apt.conf.d" && command -v apt-config >/dev/null; } || return 0
  proxy=$(apt_setting Acquire::http::Proxy)
  [[ $proxy != http*://* ]] || export http_proxy=$proxy
  proxy=$(apt_setting Acquire::https::Proxy)
  [[ $proxy != http*://* ]] || export https_proxy=$proxy
}

# Prints the machine's architecture, as Debian and Go name it: the directory of the locks.
machine_architecture() {
  case $(uname -sm) in
    'Linux x86_64') printf amd64 ;;
    'Linux aarch64') printf arm64 ;;
    *) fail "provides Bazel for Linux on x86_64 and aarch64 only, and this is $(uname -sm); install bazelisk" ;;
  esac
}

# Sets and exports HOME from the passwd entry of the user $1 if it is not set: Bazel needs it as well.
set_home() {
  local user=$1 name=''
  if [[ -z ${HOME:-} ]]; then
    IFS=: read -r name _ _ _ _ HOME _ < <(getent passwd "$user") || true
    [[ -n $name && -n $HOME ]] || fail "HOME is not set, and user $user has no home directory in passwd; set HOME to a directory that you may write to"
    export HOME
  fi
  [[ $HOME == /* ]] || fail "HOME: got $HOME, want an absolute path"
}

# Prints the cache directory.
cache_directory() {
  local base=${XDG_CACHE_HOME:-$HOME/.cache}
  [[ $base == /* ]] || fail "XDG_CACHE_HOME: got $base, want an absolute path"
  # It goes in files with one value a line.
  [[ $base != *$'\n'* ]] || fail "XDG_CACHE_HOME or HOME has a line break: ${base@Q}; set XDG_CACHE_HOME to another directory"
  printf '%s/rules_hyp' "${base%/}"
}

# Makes the cache directory $1 if it does not exist, and finds out whether it can be written to.
make_cache() {
  local cache=$1 reason
  [[ -d $cache ]] || reason=$(umask 022 && mkdir -p -- "$cache" 2>&1) ||
    fail "$reason; set XDG_CACHE_HOME to a directory that you may write to"
  [[ -w $cache && -x $cache ]] ||
    fail "$cache: cannot write to it as user $EUID; set XDG_CACHE_HOME to a directory that you may write to"
}

# exposed USER MODE DEPTH PATH…: prints what others than root and the user can change, of the paths and all that is in them to a depth: by the owner,
# or by these bits of the mode. In a sticky directory others can add names, but not replace any.
exposed() {
  local user=$1 mode=$2 depth=$3 root='' first
  shift 3
  # In a user namespace without root, such as Bazel's sandbox, root's files have the owner that stands for all users that are not in it.
  while read -r first _; do
    [[ $first != 0 ]] || root=0
  done </proc/self/uid_map
  [[ -n $root ]] || root=$(</proc/sys/kernel/overflowuid)
  find -H "$@" -maxdepth "$depth" \
    \( ! -user "$root" ! -user "$user" -o ! -type l -perm "/$mode" ! \( -type d -perm -1000 \) \) -printf '%p (owner %u, mode %m)\n'
}

# check_private USER CACHE [KIT]: fails if others than root and the user could have prepared what is run from the cache: the flags in the kit, which
# name programs and repositories, Bazel's root directory and the Go modules.
check_private() {
  local user=$1 cache=$2 kit=${3:-} found path parents=() paths=()
  path=$(realpath -m -- "$cache")
  while path=${path%/*} && [[ -n $path ]]; do
    [[ ! -d $path ]] || parents+=("$path")
  done
  # The group of a directory on the way may write: with a umask of 002 it is the user's own.
  found=$([[ -z ${parents[*]} ]] || exposed "$user" 002 0 "${parents[@]}")
  [[ -z $found ]] ||
    fail "${found%%$'\n'*}: others can replace what is run from $cache; set XDG_CACHE_HOME to a directory that only you can write to"
  for path in "$cache" "$cache"/{kit,root,sdk} "$cache"/{root,sdk}/*; do
    [[ ! -e $path && ! -L $path ]] || paths+=("$path")
  done
  found=$([[ -z ${paths[*]} ]] || exposed "$user" 022 0 "${paths[@]}")
  [[ -n $found || -z $kit ]] || [[ ! -e $kit && ! -L $kit ]] || found=$(exposed "$user" 022 9 "$kit")
  [[ -z $found ]] ||
    fail "${found%%$'\n'*}: others can change it, and bazelw runs programs from it; remove $cache, which is made again, or set XDG_CACHE_HOME to a directory that only you can write to"
}

# archive_keyring [DIRECTORY]: prints the file with the keys of Debian's archive, if there is one.
archive_keyring() {
  local file
  for file in ${RULES_HYP_DEBIAN_KEYRING:+"$RULES_HYP_DEBIAN_KEYRING"} "${1:-/usr/share/keyrings}"/debian-archive-keyring.{gpg,pgp}; do
    if [[ -r $file ]]; then
      printf '%s' "$file"
      return
    fi
    [[ $file != "${RULES_HYP_DEBIAN_KEYRING:-}" ]] ||
      fail "RULES_HYP_DEBIAN_KEYRING: cannot read $file; set it to a file with the keys of Debian's archive"
  done
}

# missing_packages USER [KEYRINGS]: prints the Debian packages that are needed to make and enter the root directory and are not installed, in one line.
missing_packages() {
  local user=$1 missing=() keyring
  command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
  command -v bwrap >/dev/null || missing+=(bubblewrap)
  # Java's package needs /proc, which mmdebstrap mounts; a minimal Debian has no mount.
  command -v mount >/dev/null || missing+=(mount)
  # Without root, mmdebstrap maps user IDs with the setuid programs of this package.
  ((user == 0)) || { command -v newuidmap && command -v newgidmap; } >/dev/null || missing+=(uidmap)
  # Other distributions, and a minimal Debian, do not have the keys of Debian's archive.
  keyring=$(archive_keyring "${@:2}") || exit
  [[ -n $keyring ]] || missing+=(debian-archive-keyring)
  printf '%s' "${missing[*]}"
}

# try_namespaces: makes the namespaces of bubblewrap, and in these the ones of Bazel's linux-sandbox. The first are allowed without the second if
# AppArmor has a profile for bubblewrap only.
try_namespaces() { bwrap --dev-bind / / unshare --user --map-root-user --mount true 2>&1; }

# check_namespaces USER [PROC]: fails if the namespaces that Bazel is run in cannot be made, with the setting that forbids it.
check_namespaces() {
  local user=$1 proc=${2:-/proc} reason setting value bad
  reason=$(try_namespaces) && return 0
  for setting in user/max_user_namespaces:0 kernel/unprivileged_userns_clone:0 kernel/apparmor_restrict_unprivileged_userns:1; do
    bad=${setting#*:}
    setting=${setting%:*}
    { [[ -r $proc/sys/$setting ]] && read -r value <"$proc/sys/$setting"; } || continue
    [[ $value == "$bad" ]] || continue
    case $setting in
      user/*) value=10000 ;;
      *) value=$((1 - bad)) ;;
    esac
    reason="this system forbids user namespaces (${reason%%$'\n'*})"
    ((user != 0)) || fail "$reason; run: sysctl ${setting//\//.}=$value (of a container: on its host)"
    as_root "$reason" sysctl "${setting//\//.}=$value"
    reason=$(try_namespaces) && return 0
  done
  fail "bubblewrap cannot make namespaces (${reason%%$'\n'*}); in a container, allow them (docker run --privileged), or install bazelisk"
}

# check_user_ids USER [ETC]: fails if the user has no subordinate IDs, which mmdebstrap needs if it does not run as root.
check_user_ids() {
  local user=$1 etc=${2:-/etc} name file
  ((user != 0)) || return 0
  name=$(id -nu "$user" 2>/dev/null) || name=$user
  for file in subuid subgid; do
    grep -qsE "^($name|$user):" "$etc/$file" || {
      as_root "$etc/$file has no line for $name" usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$name"
      return
    }
  done
}
