#!/usr/bin/env bash
# MWAA sources this before it starts Airflow, on every component, and keeps the variables that it leaves behind. The
# environment's configuration options are there already: `lake.dbt_role_arn` is AIRFLOW__LAKE__DBT_ROLE_ARN.

# Nothing that is done here is told to the makers of libraries.
export AIRFLOW__COSMOS__ENABLE_TELEMETRY=False DO_NOT_TRACK=1 DBT_SEND_ANONYMOUS_USAGE_STATS=false

# What waits for AWS waits in the triggerer, and keeps no worker from its work.
export AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE=True

# dbt and the DAGs find the lake through the same variables.
for option in "${!AIRFLOW__LAKE__@}"; do
    export "LAKE_${option#AIRFLOW__LAKE__}=${!option}"
done

# Queries over dbt's tables are asked in dbt's role.
export AIRFLOW_CONN_LAKE_DBT="{\"conn_type\": \"aws\", \"extra\": {\"role_arn\": \"${LAKE_DBT_ROLE_ARN}\"}}"

# dbt-athena cannot be installed under the constraints of Airflow: it has an environment of its own. A component that
# runs no tasks has no need of it, and MWAA gives this script five minutes.
export LAKE_DBT_PROJECT="${LAKE_DBT_PROJECT:-${AIRFLOW_HOME}/dags/dbt_athena}"
export LAKE_DBT_MANIFEST="${LAKE_DBT_MANIFEST:-${LAKE_DBT_PROJECT}/target/manifest.json}"
if [[ -z "${LAKE_DBT:-}" ]]; then
    LAKE_DBT="${AIRFLOW_HOME}/dbt_venv/bin/dbt"
    if [[ "${MWAA_AIRFLOW_COMPONENT:-worker}" =~ ^(worker|hybrid)$ && ! -x "${LAKE_DBT}" ]]; then
        python3 -m venv "${AIRFLOW_HOME}/dbt_venv"
        "${AIRFLOW_HOME}/dbt_venv/bin/pip" install --quiet --require-hashes \
            -r "${AIRFLOW_HOME}/dags/requirements-dbt.lock"
    fi
fi

# dbt works with its own role: AWS SDKs take it on with the credentials of the container. Only dbt sees this: Airflow
# itself must stay what it is.
mkdir -p "${AIRFLOW_HOME}/dbt_role"
cat > "${AIRFLOW_HOME}/dbt_role/aws_config" <<CONFIG
[default]
role_arn = ${LAKE_DBT_ROLE_ARN}
role_session_name = airflow
credential_source = EcsContainer
CONFIG
cat > "${AIRFLOW_HOME}/dbt_role/dbt" <<DBT
#!/bin/sh
AWS_CONFIG_FILE="${AIRFLOW_HOME}/dbt_role/aws_config" exec "${LAKE_DBT}" "\$@"
DBT
chmod +x "${AIRFLOW_HOME}/dbt_role/dbt"
export LAKE_DBT_EXECUTABLE="${AIRFLOW_HOME}/dbt_role/dbt"
