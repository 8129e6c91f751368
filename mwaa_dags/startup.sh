#!/usr/bin/env bash
# MWAA sources this before it starts Airflow, on every component, and keeps the variables that it leaves behind. The
# environment's configuration options are there already: `lake.dbt_role_arn` is AIRFLOW__LAKE__DBT_ROLE_ARN.

# dbt and the DAGs find the lake through the same variables.
for option in "${!AIRFLOW__LAKE__@}"; do
    export "LAKE_${option#AIRFLOW__LAKE__}=${!option}"
done

# dbt works with its own role: AWS SDKs take it on with the credentials of the container.
export LAKE_DBT_AWS_CONFIG="${AIRFLOW_HOME}/dbt_aws_config"
cat > "${LAKE_DBT_AWS_CONFIG}" <<CONFIG
[default]
role_arn = ${LAKE_DBT_ROLE_ARN}
role_session_name = airflow
credential_source = EcsContainer
CONFIG

# And so do the queries over dbt's tables.
export AIRFLOW_CONN_LAKE_DBT="{\"conn_type\": \"aws\", \"extra\": {\"role_arn\": \"${LAKE_DBT_ROLE_ARN}\"}}"

# dbt-athena cannot be installed under the constraints of Airflow: it has an environment of its own. A component that
# runs no tasks has no need of it, and MWAA gives this script five minutes.
export LAKE_DBT_PROJECT="${LAKE_DBT_PROJECT:-${AIRFLOW_HOME}/dags/dbt_athena}"
export LAKE_DBT_MANIFEST="${LAKE_DBT_MANIFEST:-${LAKE_DBT_PROJECT}/target/manifest.json}"
if [[ -z "${LAKE_DBT_EXECUTABLE:-}" ]]; then
    export LAKE_DBT_EXECUTABLE="${AIRFLOW_HOME}/dbt_venv/bin/dbt"
    if [[ "${MWAA_AIRFLOW_COMPONENT:-worker}" =~ ^(worker|hybrid)$ ]]; then
        python3 -m venv "${AIRFLOW_HOME}/dbt_venv"
        "${AIRFLOW_HOME}/dbt_venv/bin/pip" install --quiet --require-hashes \
            -r "${AIRFLOW_HOME}/dags/requirements-dbt.lock"
    fi
fi
