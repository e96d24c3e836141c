# SPDX-License-Identifier: Apache-2.0

# Prints what zsh completes a command line to, as it would be typed.
#
#   zsh -f complete.zsh ZSH ROOT FUNCTIONS LINE
#
# ZSH is the shell again, ROOT has its modules and functions, FUNCTIONS is a directory of completion functions.

# Completion works only in a terminal.
module_path=($2/usr/lib/x86_64-linux-gnu/zsh/5.9)
zmodload zsh/zpty
zpty shell TERM=dumb $1 -f -i
zpty -w shell "PS1= PS2= RPS1= line=${(q)4}"
zpty -w shell "module_path=(${(q)module_path}) fpath=(${(q)3} ${(q)2}/usr/share/zsh/functions/Completion{,/Base,/Unix,/Zsh})"
zpty -w shell '
autoload -Uz compinit && compinit -u -D
# The candidates that compinit would show.
compadd() {
  if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    local -a hits
    builtin compadd -A hits "$@"
    print -l "candidate "${^hits} >>|$output
  fi
  builtin compadd "$@"
}
probe() { BUFFER=$line; CURSOR=$#BUFFER; zle complete-word; BUFFER=; zle accept-line }
zle -N probe && bindkey "^X" probe
output=$(mktemp)
print REA""DY'
# The commands are echoed, but do not have the word in one piece.
zpty -r shell text '*READY*'
zpty -w -n shell $'\x18'
zpty -w shell 'print -r -- "<$(<$output)>E""ND"; rm $output'
zpty -r shell text '*>END*'
print -r -- $text | sed -n 's/^<*candidate \([^>\r]*\).*/\1/p' | sort -u
