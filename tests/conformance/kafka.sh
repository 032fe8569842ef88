#!/usr/bin/env bash
# A real Apache Kafka, to compare with: the version is the one in kafka/pom.xml.
#
#   kafka.sh fetch                              the jars, once, into the cache
#   kafka.sh start PORT DATA [KEY=VALUE]...     a one-node broker on 127.0.0.1:PORT (and PORT+1, for its controller);
#                                               prints its process id when ready
#   kafka.sh stop DATA                          ends that broker and waits until it has gone
#   kafka.sh tool CLASS ARGS...                 a command-line tool, such as org.apache.kafka.tools.TopicCommand
#
# DATA is a directory for everything that the broker writes: DATA/logs holds the segments, DATA/kafka.out what it
# says. KEY=VALUE are further lines of server.properties. The cache is KF_CONFORMANCE_CACHE, or target/conformance.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${KF_CONFORMANCE_CACHE:-$here/../../target/conformance}
jars=$cache/kafka
start_seconds=60
stop_seconds=30

java_class() {
  exec java -XX:+UseSerialGC "-Dlog4j2.configurationFile=$here/kafka/log4j2.properties" -cp "$jars/*" "$@"
}

fetch() {
  [ -e "$jars/.complete" ] && return
  mvn -q -B -f "$here/kafka/pom.xml" dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$jars"
  touch "$jars/.complete"
}

server_properties() {
  local port=$1 data=$2
  shift 2
  local controller=$((port + 1))
  cat <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
log.dirs=$data/logs
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=5
log.cleaner.dedupe.buffer.size=10485760
PROPERTIES
  printf '%s\n' "$@"
}

# Formats DATA once; a second start finds what the first one left.
format() {
  [ -e "$1/logs/meta.properties" ] && return
  local cluster_id
  cluster_id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
  (java_class -Xmx256M -XX:TieredStopAtLevel=1 kafka.tools.StorageTool \
    format --cluster-id "$cluster_id" --config "$1/server.properties") >"$1/format.out" 2>&1 ||
    { cat "$1/format.out" >&2; exit 1; }
}

start() {
  local port=$1 data=$2
  mkdir -p "$data"
  data=$(cd "$data" && pwd)
  server_properties "$port" "$data" "${@:3}" >"$data/server.properties"
  format "$data"
  : >"$data/kafka.out"
  (java_class -Xmx512M kafka.Kafka "$data/server.properties") >>"$data/kafka.out" 2>&1 </dev/null &
  local pid=$!
  echo "$pid" >"$data/kafka.pid"
  local deadline=$((SECONDS + start_seconds))
  until grep -q 'Kafka Server started' "$data/kafka.out"; do
    if ! kill -0 "$pid" 2>/dev/null || [ $SECONDS -ge $deadline ]; then
      tail -20 "$data/kafka.out" >&2
      exit 1
    fi
    sleep 0.1
  done
  echo "$pid"
}

stop() {
  local pid deadline=$((SECONDS + stop_seconds))
  pid=$(cat "$1/kafka.pid")
  kill "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null; do
    [ $SECONDS -lt $deadline ] || { kill -KILL "$pid"; break; }
    sleep 0.1
  done
}

case ${1:-} in
  fetch) fetch ;;
  start) start "${@:2}" ;;
  stop) stop "$2" ;;
  tool) java_class -Xmx256M -XX:TieredStopAtLevel=1 "${@:2}" ;;
  *) sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
