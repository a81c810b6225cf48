#!/usr/bin/env bash
# Tries the two commands on a bare Debian 12, made in a folder: as root, as a user with sudo, as a user without.
#
#   sudo stack/bare/try-bare.sh [root|sudo|user ...]
#
# What is committed is what is tried. How this machine reaches its package registries (apt's and npm's settings,
# certificates, proxies) is copied into the folder; nothing else is. Needs root, debootstrap, git and curl, and
# about 4 GB in BARE_FOLDER. Processes in there share this machine's network: ports are moved by PORT_OFFSET.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=${BARE_FOLDER:-/var/tmp/banyan-bare}
offset=${PORT_OFFSET:-700}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
gateway=http://127.0.0.1:$((8080 + offset))
modes=("$@")
[ ${#modes[@]} -gt 0 ] || modes=(root sudo user)

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail 'must be root, for debootstrap and chroot'
for tool in debootstrap git curl node npm; do
  command -v "$tool" > /dev/null || fail "$tool is missing: apt-get install $tool"
done

make_base() {
  [ -e "$folder/base/.complete" ] && return
  say "debootstrap into $folder/base"
  rm -rf "$folder/base"
  mkdir -p "$folder"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$folder/base" "$mirror" > "$folder/debootstrap.log"
  touch "$folder/base/.complete"
}

# The few things that a bare machine of this network would have.
copy_host_settings() {
  local bare=$1 npm_folder
  rm -rf "$bare/etc/apt" "$bare/var/lib/apt/lists"
  mkdir -p "$bare/var/lib/apt/lists/partial" "$bare/usr/local/lib/node_modules" "$bare/usr/local/etc"
  cp -a /etc/apt "$bare/etc/apt"
  cp -a /usr/share/keyrings/. "$bare/usr/share/keyrings/"
  cp -aL /etc/resolv.conf /etc/hosts "$bare/etc/"
  cp -aL /etc/ssl/certs/ca-certificates.crt "$bare/etc/ssl/certs/ca-certificates.crt"
  cp -L "$(command -v node)" "$bare/usr/local/bin/node"
  npm_folder=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  cp -a "$npm_folder" "$bare/usr/local/lib/node_modules/npm"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$bare/usr/local/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$bare/usr/local/bin/npx"
  cat "$(npm config get globalconfig)" "$(npm config get userconfig)" > "$bare/usr/local/etc/npmrc" 2> /dev/null || true
}

make_machine() {
  local mode=$1 bare=$folder/$1
  say "$mode: a fresh machine in $bare"
  unmount "$bare"
  rm -rf "$bare"
  cp -a "$folder/base" "$bare"
  copy_host_settings "$bare"
  mount -t proc proc "$bare/proc"
  mount --rbind /dev "$bare/dev"
  mount --make-rslave "$bare/dev"
  if [ "$mode" = root ]; then
    home=$bare/root
  else
    chroot "$bare" useradd --create-home --shell /bin/bash dev
    home=$bare/home/dev
  fi
  if [ "$mode" = sudo ]; then
    chroot "$bare" sh -c 'apt-get update && apt-get install --yes --no-install-recommends sudo' > "$folder/sudo.log" 2>&1
    echo 'dev ALL=(ALL) NOPASSWD: ALL' > "$bare/etc/sudoers.d/dev"
    rm -rf "$bare"/var/lib/apt/lists/*
  fi
  git clone --quiet --no-hardlinks "$repo" "$home/banyan"
  [ "$mode" = root ] || chroot "$bare" chown -R dev:dev /home/dev
}

unmount() {
  local bare=$1 place pid
  for pid in $(processes_of "${bare##*/}"); do kill -KILL "$pid" 2> /dev/null || true; done
  for place in dev proc; do
    if mountpoint --quiet "$bare/$place"; then umount --recursive --lazy "$bare/$place"; fi
  done
}

# inside <mode> <command ...>: runs it in the clone there; its process id is that of the command.
inside() {
  local mode=$1 bare=$folder/$1 user=dev home=/home/dev
  shift
  [ "$mode" = root ] && user=root home=/root
  exec chroot --userspec="$user:$user" "$bare" env -i \
    HOME="$home" USER="$user" TERM=dumb LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt STACK_PORT_OFFSET="$offset" \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
    sh -c 'cd ~/banyan && exec "$@"' sh "$@"
}

# Every process whose root is that machine.
processes_of() {
  local bare=$folder/$1 entry
  for entry in /proc/[0-9]*; do
    [ "$(readlink "$entry/root" 2> /dev/null || true)" = "$bare" ] && echo "${entry#/proc/}"
  done
  return 0
}

wait_until_ready() {
  local mode=$1 pid=$2 log=$3
  for _ in $(seq 600); do
    grep --quiet '^ready in' "$log" && return
    kill -0 "$pid" 2> /dev/null || { cat "$log"; fail "$mode: npm start ended before it was ready"; }
    sleep 0.5
  done
  cat "$log"
  fail "$mode: not ready within 5 minutes"
}

expect_nothing_left() {
  local mode=$1 left
  for _ in $(seq 100); do
    left=$(processes_of "$mode")
    [ -z "$left" ] && return
    sleep 0.2
  done
  for pid in $left; do tr '\0' ' ' < "/proc/$pid/cmdline"; echo; done
  fail "$mode: processes are left behind"
}

# start_and_stop <mode> <name> <signal>
start_and_stop() {
  local mode=$1 name=$2 signal=$3 log=$folder/$1-$2.log pid
  say "$mode: npm start ($name)"
  (inside "$mode" npm start) > "$log" 2>&1 &
  pid=$!
  wait_until_ready "$mode" "$pid" "$log"
  grep --extended-regexp '^(✓|ready in)' "$log"
  curl --silent --fail --max-time 10 --output /dev/null --write-out 'profile by the gateway: %{http_code}\n' \
    --header 'X-Api-Key: mk_demo_globetrotter_0001' "$gateway/api/v1/profile"
  kill "-$signal" "$pid"
  wait "$pid" || [ "$signal" = KILL ]
  [ "$signal" = KILL ] || expect_nothing_left "$mode"
}

try_machine() {
  local mode=$1
  make_machine "$mode"
  start_and_stop "$mode" first INT
  start_and_stop "$mode" second KILL
  start_and_stop "$mode" after-kill INT
  say "$mode: npm test"
  (inside "$mode" npm test) > "$folder/$mode-test.log" 2>&1 || { tail -60 "$folder/$mode-test.log"; fail "$mode: npm test"; }
  tail -8 "$folder/$mode-test.log"
  expect_nothing_left "$mode"
  unmount "$folder/$mode"
  rm -rf "${folder:?}/$mode"
}

# A shell's jobs ignore SIGINT unless job control is on, and so would what they start.
set -m
trap 'for mode in root sudo user; do unmount "$folder/$mode"; done' EXIT
make_base
for mode in "${modes[@]}"; do try_machine "$mode"; done
say 'all passed'
