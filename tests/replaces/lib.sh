# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the files of this folder share: a policy out of docs/coming-from.md, jobs under it, and what
# they left.  A claim ends the file's success when it does not hold; the next is tried all the same.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
system=$(basename "$0")
SBX=${SBX_BIN:-$(command -v sbx-bpf || echo "$top/.output/sbx-bpf")}
act=$top/.output/kernel/act
dir=$(mktemp -d /var/tmp/sbx-replaces.XXXXXX)
work=/srv/sbx-replaces-$system # outside of every directory that a policy makes private
policy=$dir/$system.yaml
status=0
bad=0
helpers=()

# The block of docs/coming-from.md whose first line names the file.
policy_of() {
  awk -v head="# $1.yaml" '/^```$/ { on = 0 } on { print } $0 == head { on = 1 }' \
    "$top/docs/coming-from.md"
}

finish() {
  local pid
  for pid in "${helpers[@]}"; do kill "$pid" 2> /dev/null; done
  "$SBX" gc -q > /dev/null 2>&1
  rm -rf "$dir" "$work"
  ip addr del 198.51.100.7/32 dev lo 2> /dev/null
  ip addr del 192.0.2.10/32 dev lo 2> /dev/null
  [ "$bad" -eq 0 ]
  exit $?
}

begin() {
  trap finish EXIT
  mkdir -p "$work"
  cd "$work" || exit 1
  policy_of "$system" > "$policy"
  [ -s "$policy" ] || { echo "no policy $system.yaml in docs/coming-from.md"; bad=1; exit 1; }
}

wrong() {
  echo "  WRONG: $claim: $*"
  bad=1
}

claim() {
  claim=$*
}

# job STATUS [OPTION...] -- CMD...: under the policy, to its end.
job() {
  local want=$1
  shift
  rm -f "$dir"/{log,result,out,err}
  "$SBX" run -q --policy "${use:-$policy}" --audit "$dir/log" --result "$dir/result" "$@" \
    > "$dir/out" 2> "$dir/err" < /dev/null
  status=$?
  [ "$status" = "$want" ] || wrong "status $status, not $want: $(cat "$dir/out" "$dir/err")"
}

# in_job NAME STATUS CMD...: a further command.
in_job() {
  local name=$1 want=$2
  shift 2
  rm -f "$dir"/{result,out,err}
  "$SBX" exec --result "$dir/result" "$name" -- "$@" > "$dir/out" 2> "$dir/err" < /dev/null
  status=$?
  [ "$status" = "$want" ] || wrong "status $status, not $want: $(cat "$dir/out" "$dir/err")"
}

# says TEXT: standard output is exactly this.
says() {
  [ "$(cat "$dir/out")" = "$1" ] || wrong "it said \"$(cat "$dir/out")\", not \"$1\": $(cat "$dir/err")"
}

# field PATH: a value of the result, as metrics.memory_peak_bytes; of an object its brace.  The file
# is indented by two a level; a Python for each question would take most of the time.
field() {
  awk -v want="$1" '{
    match($0, /^ */)
    depth = RLENGTH / 2
    if (depth < 1 || !match($0, /"[^"]*": /)) next
    key = substr($0, RSTART + 1, RLENGTH - 4)
    value = substr($0, RSTART + RLENGTH)
    path[depth] = depth > 1 ? path[depth - 1] "." key : key
    if (path[depth] != want) next
    sub(/,$/, "", value)
    gsub(/^"|"$/, "", value)
    print value
    exit
  }' "$dir/result"
}

# result PATH VALUE
result() {
  local got
  got=$(field "$1")
  [ "$got" = "$2" ] || wrong "$1 is $got, not $2"
}

# event TEXT...: a line of the log has all of these.
event() {
  local lines word
  lines=$(cat "$dir/log")
  for word in "$@"; do lines=$(grep -F -- "$word" <<< "$lines"); done
  [ -n "$lines" ] || wrong "no event with $*: $(cat "$dir/log")"
}

# host CMD...: the same outside works, so that a refusal means something.
host() {
  "$@" > /dev/null 2>&1 || wrong "outside of a job it does not work either: $*"
}

# A web server on every address of this host, and two addresses that are nobody's.
start_web() {
  ip addr add 198.51.100.7/32 dev lo
  ip addr add 192.0.2.10/32 dev lo
  mkdir -p "$dir/web"
  echo page > "$dir/web/page"
  python3 -m http.server --directory "$dir/web" 80 > /dev/null 2>&1 &
  helpers+=($!)
  for _ in $(seq 100); do
    curl -s -o /dev/null "http://127.0.0.1/page" && return
    sleep 0.1
  done
  wrong "no web server"
}

start_dns() {
  /usr/sbin/dnsmasq -k -a 127.0.0.1 -z -h -R -C /dev/null -u root --pid-file \
    --address=/www.example.test/192.0.2.10 --address=/other.example.test/192.0.2.10 \
    --address=/private.example.test/10.0.0.1 &
  helpers+=($!)
  sleep 1
}
