"""What moto answers, and that it refuses in a form that SDKs can read."""

import urllib.request

from botocore.exceptions import ClientError
from conftest import DEVELOPMENT, PRODUCTION, refusal


def test_buckets_are_motos_and_belong_to_accounts(sandbox):
    mine, theirs = sandbox.client("s3", PRODUCTION), sandbox.client("s3", DEVELOPMENT)
    where = {"LocationConstraint": "eu-west-1"}
    mine.create_bucket(Bucket="halden-reports", CreateBucketConfiguration=where)
    for key in ("plain.csv", "a/b c/ü%2F+.xlsx"):
        mine.put_object(Bucket="halden-reports", Key=key, Body=b"x" * 70_000)
        assert mine.get_object(Bucket="halden-reports", Key=key)["Body"].read() == b"x" * 70_000
    listed = [o["Key"] for o in mine.list_objects_v2(Bucket="halden-reports")["Contents"]]
    assert sorted(listed) == ["a/b c/ü%2F+.xlsx", "plain.csv"]
    assert [b["Name"] for b in mine.list_buckets()["Buckets"]] == ["halden-reports"]
    assert theirs.list_buckets()["Buckets"] == []
    code, _ = refusal(
        theirs.create_bucket, Bucket="halden-reports", CreateBucketConfiguration=where
    )
    assert code == "BucketAlreadyExists"


def test_presigned_addresses_know_their_account(sandbox):
    client = sandbox.client("s3", PRODUCTION)
    client.create_bucket(
        Bucket="halden-links", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    client.put_object(Bucket="halden-links", Key="one", Body=b"hello")
    url = client.generate_presigned_url("get_object", {"Bucket": "halden-links", "Key": "one"})
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.read() == b"hello"


def test_what_nobody_has_is_refused_as_modelled(sandbox):
    for service, operation, params, code in (
        ("ssm", "list_command_invocations", {}, "UnknownOperationException"),
        ("workspaces", "describe_ip_groups", {}, "UnknownOperationException"),
        ("rds", "describe_source_regions", {}, "InvalidAction"),
        ("pricing", "get_products", {"ServiceCode": "AmazonWorkSpaces"}, None),
    ):
        client = sandbox.client(service)
        try:
            getattr(client, operation)(**params)
        except ClientError as error:
            got = error.response["Error"]["Code"]
            assert "<" not in error.response["Error"]["Message"]
            assert code in (None, got), (service, got)
            assert not got.isdigit(), "an unmodelled answer shows as its status code"
        else:
            raise AssertionError(f"{service} {operation} should be refused")
