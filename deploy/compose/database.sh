#!/bin/sh
# Run once by the PostgreSQL image when its data folder is empty. IISG-D's account owns its database and may make roles
# (one per service); it is no superuser. BYPASSRLS lets it back up what each service's role sees only a part of.
psql --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE iisgd LOGIN CREATEROLE BYPASSRLS PASSWORD :'password';
CREATE DATABASE iisgd OWNER iisgd;
SQL
