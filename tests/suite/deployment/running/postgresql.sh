#!/bin/sh
# What PostgreSQL's image does on an empty folder, with the PostgreSQL of this machine: postgresql.sh FOLDER SECRETS SCRIPT
# Sets up a cluster in FOLDER, runs SCRIPT with SECRETS in /run/secrets, and becomes the server.
set -eu

folder=$1 secrets=$2 script=$3
programs=$(dirname "$(find /usr/lib/postgresql -name initdb | sort -V | tail -n 1)")
PATH=$programs:$PATH
server() { setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; }

mount -t tmpfs none /run
mkdir /run/secrets /run/postgresql
cp "$secrets"/* /run/secrets/
chown 65534:65534 /run/postgresql "$folder"
cd "$folder"
server initdb --no-sync --username=postgres --auth-local=trust --auth-host=scram-sha-256 -D "$folder/data" >&2
echo 'host all all all scram-sha-256' >>"$folder/data/pg_hba.conf"
settings='-c fsync=off -c unix_socket_directories=/run/postgresql'
server pg_ctl start --wait -D "$folder/data" -o "$settings -c listen_addresses=" >&2
sh "$script" >&2
server pg_ctl stop --wait -D "$folder/data" >&2
# shellcheck disable=SC2086 # several words
exec setpriv --reuid=65534 --regid=65534 --clear-groups -- \
    postgres -D "$folder/data" $settings -c 'listen_addresses=*'
