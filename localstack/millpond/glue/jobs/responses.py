"""The operations on runs and bookmarks in Glue's wire format.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.core.responses import ActionResult
from moto.glue.responses import GlueResponse

from millpond.glue.exceptions import GlueRefusal
from millpond.glue.pages import page

if TYPE_CHECKING:
    from millpond.glue.service import GlueService

_LONGEST_PAGE: Final = 200


class JobRunsApi(GlueResponse):
    """The operations."""

    @property
    def glue_backend(self) -> GlueService:
        """The service of the caller's account and region."""
        raise NotImplementedError

    def start_job_run(self) -> ActionResult:
        """Start a run."""
        request = {name: value for name, value in self.parameters.items() if value is not None}
        run = self.glue_backend.job_service.start_job_run(request.get("JobName", ""), request)
        return ActionResult({"JobRunId": run.id})

    def get_job_run(self) -> ActionResult:
        """One run."""
        run = self.glue_backend.job_service.job_run(self.parameters["JobName"], self.parameters["RunId"])
        return ActionResult({"JobRun": run.as_dict()})

    def get_job_runs(self) -> ActionResult:
        """A page of a job's runs, the latest first."""
        runs = self.glue_backend.job_service.job_runs(self.parameters["JobName"])
        found, token = page(
            runs, self.parameters.get("MaxResults"), self.parameters.get("NextToken"), _LONGEST_PAGE
        )
        return ActionResult({"JobRuns": [run.as_dict() for run in found], **token})

    def batch_stop_job_run(self) -> ActionResult:
        """Stop runs: each is asked to, or has its error."""
        job_name = self.parameters["JobName"]
        stopped: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for run_id in self.parameters["JobRunIds"]:
            which = {"JobName": job_name, "JobRunId": run_id}
            try:
                self.glue_backend.job_service.stop_job_run(job_name, run_id)
            except GlueRefusal as error:
                detail = {"ErrorCode": error.error_type, "ErrorMessage": error.message}
                errors.append({**which, "ErrorDetail": detail})
            else:
                stopped.append(which)
        return ActionResult({"SuccessfulSubmissions": stopped, "Errors": errors})

    def get_job_bookmark(self) -> ActionResult:
        """The bookmark that the last run left, or that of one run."""
        self.glue_backend.get_job(self.parameters["JobName"])
        entry = self.glue_backend.job_service.bookmarks.entry(
            self.parameters["JobName"], self.parameters.get("RunId")
        )
        return ActionResult({"JobBookmarkEntry": entry.as_dict()})

    def reset_job_bookmark(self) -> ActionResult:
        """Let the next run begin anew, or after one of the runs before."""
        self.glue_backend.get_job(self.parameters["JobName"])
        entry = self.glue_backend.job_service.bookmarks.reset(
            self.parameters["JobName"], self.parameters.get("RunId")
        )
        return ActionResult({"JobBookmarkEntry": entry.as_dict()})

    def delete_job(self) -> ActionResult:
        """Forget a job with its runs and its bookmark."""
        answer = super().delete_job()
        self.glue_backend.job_service.forget(self.parameters["JobName"])
        return answer
