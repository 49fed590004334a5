"""Is a dataset what it says it is? Checks over the files that ``coco_depth`` wrote."""

from __future__ import annotations

from replicator_dr.run.audit.dataset import holds_dataset
from replicator_dr.run.audit.findings import CheckResult, Finding, Severity, Status
from replicator_dr.run.audit.one_pass import QUICK_IMAGES, AuditReport, audit

__all__ = ["QUICK_IMAGES", "AuditReport", "CheckResult", "Finding", "Severity", "Status", "audit", "holds_dataset"]
