#!/bin/sh
# The PostgreSQL image runs this once, when its data folder is empty. IISG-D's account owns its database and may create roles
# (one per service); it is not a superuser. BYPASSRLS lets it back up rows that each service's role sees only in part.
psql --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE iisgd LOGIN CREATEROLE BYPASSRLS PASSWORD :'password';
CREATE DATABASE iisgd OWNER iisgd;
SQL
