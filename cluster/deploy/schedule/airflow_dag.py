"""What has come into landing/DATE: clean documents that no night before has kept, then a snapshot. Not run."""
from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

HOPE = "cd /srv/hope && ./hope --master spark://head:7077 "

with DAG(
    "hope_corpus",
    schedule="15 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    # a failed run goes on where it stopped, so trying again is always right
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
):
    corpus = BashOperator(
        task_id="corpus",
        # 10: nothing to do, which skips the rest; 11: some rows could not be read, which is no failure here
        bash_command=HOPE
        + "corpus --config corpus.yaml --set 'inputs=[{path: landing/{{ ds }}}]' --set output=nights/{{ ds }} --scheduled || { code=$?; [ $code -eq 11 ] || exit $code; }",
        skip_on_exit_code=10,
    )
    prepare = BashOperator(task_id="prepare", bash_command=HOPE + "data prepare --config data.yaml --append")
    corpus >> prepare
