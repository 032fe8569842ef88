# What the checks in bash share; sourced by them. They run in order, and each prints one line.

bootstrap=$KAFKA_BOOTSTRAP_SERVERS
scratch=$(mktemp -d)
trap 'stop_started; rm -rf "$scratch"' EXIT

# check PROMISE FUNCTION [ARGS...]: the promise holds when the function ends well under `set -e`. Whatever the function
# runs has to be bounded in time by itself.
check() {
  local promise=$1 status
  shift
  (
    set -euo pipefail
    trap stop_started EXIT
    "$@"
  ) >"$scratch/log" 2>&1
  status=$?
  if [ "$status" -eq 0 ]; then
    echo "ok $promise"
  else
    echo "not ok $promise: exit $status, $(tail -n 4 "$scratch/log" | tr -s '\n\t ' ' ' | cut -c1-500)"
  fi
}

# eventually SECONDS COMMAND...: repeats the command until it succeeds; fails when the time is up.
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || { echo "waited in vain until: $*"; return 1; }
    sleep 0.1
  done
}

# expect WHAT WANTED GOT
expect() {
  [ "$2" = "$3" ] && return
  echo "$1: wanted '$2', got '$3'"
  return 1
}

# fails COMMAND...: succeeds when the command does not.
fails() {
  if "$@"; then
    echo "this should have failed: $*"
    return 1
  fi
}

# unique NAME: a name that no other run uses.
unique() {
  echo "$1-$CONFORMANCE_RUN"
}

# start COMMAND...: sets it going in the background until the check ends; its process id is in $started_pid.
started=()
start() {
  "$@" &
  started_pid=$!
  started+=("$started_pid")
}

stop_started() {
  [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
}
