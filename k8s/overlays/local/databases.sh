#!/bin/sh
# Makes each service a role and a database of its own, which nobody else may open. PostgreSQL's image runs it when it
# starts on an empty folder, here and in Compose.
set -eu

for service in client-registry key-management consent; do
    name=$(echo "$service" | tr - _)
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" \
        --set name="$name" --set password="$(cat "/run/secrets/$service")" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
