# shellcheck shell=bash
# What the scripts of this folder share; they source it. Everything listens on 127.0.0.1, and every process that is ended is
# one that the script has started.
#
#   SCRATCH   folder of servers, data and runs; default: a temporary one, removed when all passed
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Spark, Hadoop and job jars, kept from one call to the next
store=$root/target/try
deploy=$root/cluster/deploy
java=$("$deploy/bin/find-java")
export JAVA_HOME=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$java")")")}
export SPARK_LOCAL_IP=127.0.0.1 OPT_OUT_TRACKING=true DJL_CACHE_DIR=${DJL_CACHE_DIR:-$root/target/djl}
# JVMs of a minute: one compiler
export JAVA_TOOL_OPTIONS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
scratch=${SCRATCH:-$(mktemp -d "${TMPDIR:-/tmp}/hope-try.XXXXXX")}
mkdir -p "$scratch/logs" "$store"

# what a run of two workers of 206,148 parameters and 16 steps is asked for
data_settings=(
  --tokenizer bytes --set sequence-tokens=128 --set align-tokens=32 --set lanes=2 --set validation-fraction=0.02
)
run_settings=(
  --config quickstart --set model.width=64 --set model.blocks=1 --set model.context-tokens=128
  --set training.steps=16 --set training.warmup-steps=2 --set training.batch-sequences=2
  --set training.micro-batch-sequences=1 --set checkpoint.every-steps=4 --set checkpoint.keep=20 --set cluster.workers=2
)
last_checkpoint=checkpoints/step-00000016/manifest.json

# choose NAME... -- ARGUMENT...: sets scenarios to the arguments, each one of the names; to all names where there are none
choose() {
  local known=() each
  while [ "$1" != -- ]; do
    known+=("$1")
    shift
  done
  shift
  scenarios=("$@")
  [ $# != 0 ] || scenarios=("${known[@]}")
  for each in "${scenarios[@]}"; do
    [[ " ${known[*]} " == *" $each "* ]] || { say "no such scenario: $each; there are ${known[*]}"; exit 2; }
  done
}

# require_ports COUNT FIRST: sets ports to the first
require_ports() {
  local i
  ports=$2
  for ((i = 0; i < $1; i++)); do
    if (: >"/dev/tcp/127.0.0.1/$((ports + i))") 2>/dev/null; then
      say "port $((ports + i)) is taken: set PORTS to the first of $1 free ones"
      exit 2
    fi
  done
}

# -- processes ---------------------------------------------------------------------------------------------------------

pids=()   # of servers, in the order of their start
busy=     # of the command in front

say() {
  echo "$(date +%T) $*" >&2
}

# start NAME COMMAND...: a server, whose output is $scratch/logs/NAME.log
start() {
  local name=$1
  shift
  setsid "$@" >"$scratch/logs/$name.log" 2>&1 </dev/null &
  pids+=($!)
}

# await NAME PATTERN SECONDS: until the log of a server has a line
await() {
  local second
  for ((second = 0; second < $3; second++)); do
    grep -qsE "$2" "$scratch/logs/$1.log" && return
    sleep 1
  done
  say "$1 did not say '$2' within $3 s, see $scratch/logs/$1.log"
  return 1
}

# stop PID: SIGTERM, then SIGKILL; a NodeManager takes half a minute
stop() {
  local second
  kill "$1" 2>/dev/null || return 0
  for ((second = 0; second < 45; second++)); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 1
  done
  kill -9 "$1" 2>/dev/null || true
}

# run NAME SECONDS COMMAND...: in front, within a limit; sets seconds and exit_code
run() {
  local name=$1 limit=$2 begin=$SECONDS
  shift 2
  say "$name ..."
  exit_code=0
  timeout --kill-after=30 "$limit" "$@" >"$scratch/logs/$name.log" 2>&1 </dev/null &
  busy=$!
  wait "$busy" || exit_code=$?
  busy=
  seconds=$((SECONDS - begin))
}

# -- the table ---------------------------------------------------------------------------------------------------------

rows=()
failed=0

# row OK|FAILED WHAT SECONDS DIGEST REMARK
row() {
  [ "$1" = ok ] || failed=1
  rows+=("$(printf '%-7s %-34s %6s s  %-16s  %s' "$1" "$2" "$3" "$4" "$5")")
  say "${rows[-1]}"
}

# digest FILE: of a checkpoint's manifest, over the SHA-256 of all its parts; nothing if there is none
digest() {
  local parts
  parts=$(grep -oE '"(section|rank|sha256)" : [^,]*' "$1" 2>/dev/null | paste - - - | sort) || true
  [ -z "$parts" ] || sha256sum <<<"$parts" | cut -c1-16
}

finish() {
  local exit_status=$? i
  trap - EXIT INT TERM
  [ -z "$busy" ] || kill "$busy" 2>/dev/null || true
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    stop "${pids[i]}"
  done
  echo
  [ ${#rows[@]} = 0 ] || printf '%s\n' "${rows[@]}"
  if [ "$exit_status" = 0 ] && [ "$failed" = 0 ]; then
    [ -n "${SCRATCH:-}" ] || rm -rf "$scratch"
    echo "all passed"
    exit 0
  fi
  echo "not all passed; logs: $scratch/logs"
  exit "$((exit_status > 0 ? exit_status : 1))"
}
trap finish EXIT
trap 'exit 130' INT TERM

# -- what is run -------------------------------------------------------------------------------------------------------

# lay_out POM FOLDER MAVEN-ARGUMENT...: the jars that a pom of this folder names, once, or again when the pom has changed
lay_out() {
  local pom=$1 home=$store/$2
  shift 2
  if [ ! "$home/complete" -nt "$root/cluster/try/$pom" ]; then
    say "fetching $home ..."
    rm -rf "$home"
    mvn -f "$root/cluster/try/$pom" "-Dhome=$home" "$@" package
    touch "$home/complete"
  fi
}

mvn() {
  (cd "$root" && env -u JAVA_TOOL_OPTIONS ./mvnw -q -B "$@" >&2)
}

# build NAME MAVEN-ARGUMENT...: the job jar of a profile, into the store, unless it is newer than all sources
build() {
  local made=$store/$1.jar
  if [ -f "$made" ] && [ -z "$(newer_source "$made")" ]; then
    return
  fi
  say "building $1.jar ..."
  mvn "${@:2}" -pl spark-jobs -am -Dmaven.test.skip=true -Dspotless.check.skip=true package
  cp "$root/spark-jobs/target/$1.jar" "$made"
}

newer_source() {
  (cd "$root" && find pom.xml conf model data-prep cluster/pom.xml cluster/src spark-jobs \
    \( -name target -o -name test \) -prune -o -type f -newer "$1" -print | head -n 1)
}

# the Sparks that users have, by version and Scala: the Hadoop that each carries, the job jar for it, and of which cluster
# managers Maven Central has its clients
sparks=(
  '3.5.9_2.12 3.3.4 hope-on-spark-3.5_2.12 yarn'
  '3.5.9_2.13 3.3.4 hope-on-spark-3.5_2.13 -'
  '4.0.4_2.13 3.4.1 hope-on-spark -'
  '4.1.3_2.13 3.4.2 hope-on-spark -'
  '4.2.0_2.13 3.5.0 hope-on-spark yarn,kubernetes'
)

# spark NAME: sets SPARK_HOME to this Spark, in scratch folders of its own, and jar to the job jar for it
spark() {
  local name hadoop build client arguments
  read -r name hadoop build client < <(printf '%s\n' "${sparks[@]}" | grep -F "$1 ") || true
  if [ -z "$name" ]; then
    say "no such Spark: $1; there are ${sparks[*]%% *}"
    return 1
  fi
  arguments=("-Dspark.version=${name%_*}" "-Dscala.binary.version=${name#*_}" "-Dhadoop.version=$hadoop")
  [ "$client" = - ] || arguments+=("-P$client")
  lay_out spark.xml "spark-$name" "${arguments[@]}"
  case $build in
    *_2.12) build "$build" -Pspark-3.5-scala-2.12 ;;
    *_2.13) build "$build" -Pspark-3.5 ;;
    *) build "$build" ;;
  esac
  jar=$store/$build.jar
  export SPARK_HOME=$scratch/spark-$name SPARK_SCALA_VERSION=${name#*_} SPARK_LOCAL_DIRS=$scratch/spark-$name/tmp
  mkdir -p "$SPARK_HOME/tmp"
  ln -sfn "$store/spark-$name/jars" "$SPARK_HOME/jars"
}
