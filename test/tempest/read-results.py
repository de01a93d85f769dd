#!/usr/bin/python3
"""Turns the subunit stream of a stestr run (standard input) into one JSON object a line: id, status, seconds, detail.

Python because the format's only complete reader is the one that Debian ships with stestr (python3-subunit).
"""
import json
import sys

from subunit import ByteStreamToStreamResult
from testtools import StreamToDict


def detail_of(test):
    details = test["details"]
    if "reason" in details:
        return details["reason"].as_text().strip()
    if test["status"] not in ("fail", "uxsuccess", "inprogress"):
        return ""
    texts = [content.as_text().strip() for name, content in details.items() if "traceback" in name]
    return texts[0] if texts else ""


def write(test):
    if test["status"] == "exists":
        return
    begin, end = test["timestamps"]
    seconds = (end - begin).total_seconds() if begin and end else 0.0
    print(json.dumps({"id": test["id"], "status": test["status"], "seconds": seconds, "detail": detail_of(test)}))


result = StreamToDict(write)
result.startTestRun()
ByteStreamToStreamResult(sys.stdin.buffer, non_subunit_name="stdout").run(result)
result.stopTestRun()
