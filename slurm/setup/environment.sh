# shellcheck shell=bash disable=SC2034  # root, lab: read by who sources this
# What a script finds set by others must not change what it does: functions that are exported under the names of
# commands, options of the shell, the locale, variables that grep, awk, sed, make or squeue obey, closed standard
# streams. Sets `root`, the folder of the kit, and `lab`, what its front door is called. All scripts source it first of
# all, and so:
#
#   POSIXLY_CORRECT=1
#   . "${0%"${0##*/}"}../setup/environment.sh"
#
# where POSIX mode makes `.` bash's own, whatever function bears that name.

trap 'exit 131' QUIT  # which bash ignores else, until obey_signals; of the others it dies as it should

# ---- functions and options of the shell --------------------------------------------------------------

unset -f unset set shopt export compgen builtin
unset POSIXLY_CORRECT IFS  # which ends POSIX mode
set +o errexit +o nounset +o posix +o noglob +o noclobber +o allexport +o keyword +o physical +o errtrace \
  +o functrace +o monitor +o notify
shopt -u nullglob failglob dotglob nocaseglob nocasematch extglob globstar lastpipe xpg_echo inherit_errexit \
  expand_aliases localvar_inherit localvar_unset execfail extdebug gnu_errfmt 2>/dev/null
shopt -s sourcepath
export -n SHELLOPTS BASHOPTS
set -o noglob
for name in $(compgen -A function); do
  case $name in
    module | ml | _*) ;;  # by which clusters give programs to their users: see site.sh
    *) unset -f "$name" ;;
  esac
done
set +o noglob

# ---- the standard streams: a file that is opened later must not take the place of one --------------

# Where 2 is closed, bash reads the script itself through it.
if [[ /dev/fd/2 -ef $0 ]] || ! true 9>&2; then exec 2>/dev/null; fi
{ true 9<&0; } 2>/dev/null || exec </dev/null
{ true 9>&1; } 2>/dev/null || exec >/dev/null

# ---- variables ---------------------------------------------------------------------------------------

# [a-z] is these 26 letters, numbers have points, and a text is sorted by its bytes; UTF-8 where there is a locale that
# does so with it, so that file names are shown as they are. The kit's programs do not look at the locale.
unset LANGUAGE
{ LC_ALL=C.UTF-8; } 2>/dev/null
name=$'\xc2\xb5'
((${#name} == 1)) || LC_ALL=C
export LC_ALL

# Of bash, of grep and other tools, and of Slurm's, whose answers are read
unset name BASH_ENV ENV CDPATH GLOBIGNORE EXECIGNORE BASH_COMPAT FUNCNEST TMOUT \
  GREP_OPTIONS GREP_COLOR GREP_COLORS _POSIX2_VERSION AWKPATH AWKLIBPATH WHINY_USERS MAWKBINMODE QUOTING_STYLE \
  BLOCK_SIZE BLOCKSIZE DF_BLOCK_SIZE MAKEFLAGS GNUMAKEFLAGS MFLAGS MAKEFILES MAKELEVEL \
  "${!SQUEUE_@}" "${!SINFO_@}" SLURM_TIME_FORMAT
SECONDS=0
# As it is, not as another host has exported it
read -r HOSTNAME 2>/dev/null </proc/sys/kernel/hostname || :

[[ ${TMPDIR:-/} == /* ]] || TMPDIR=$PWD/$TMPDIR
umask u+rwx  # what it makes it must be able to use

root=$(cd -- "${BASH_SOURCE[0]%/*}/../.." && pwd)
lab=./lab
[[ ! -e $root/installed ]] || lab=lab  # where it is in the PATH

# ---- what all scripts share --------------------------------------------------------------------------

# shown TEXT: as it may be said on a terminal, in one line and not at any length, whatever is in it
shown() {
  local text=$1 clean="" char i
  ((${#text} <= 1000)) || text="${text:0:500} ... ${text: -300}"
  if [[ $text == *[[:cntrl:]]* ]]; then
    for ((i = 0; i < ${#text}; ++i)); do
      char=${text:i:1}
      [[ $char != [[:cntrl:]] ]] || printf -v char '\\x%02x' "'$char"
      clean+=$char
    done
    text=$clean
  fi
  printf '%s' "$text"
}

# shellcheck source=slurm/setup/signals.sh
. "$root/slurm/setup/signals.sh"
