#!/bin/sh
# Makes a role and its databases for Temporal and for the ledger. PostgreSQL's image runs it once, on an empty volume.
set -e

# psql reads the secrets itself, so that they are on no command line.
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<'SQL'
\set temporal `cat /run/secrets/temporal_password`
\set ledger `cat /run/secrets/ledger_password`
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE ROLE archivist LOGIN PASSWORD :'ledger';
CREATE DATABASE archivist OWNER archivist;
REVOKE CONNECT ON DATABASE temporal, temporal_visibility, archivist FROM PUBLIC;
SQL
