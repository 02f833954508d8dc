"""grpcio against the contract: tokens, key sets, health, reflection, and refusals that a program can read."""

import json

import grpc
import jwt
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status


def request(demo, stubs, **changed):
    messages, _ = stubs("token/v1/token")
    wanted = {"client_id": demo.demo_client_id, "client_secret": demo.demo_client_secret, **changed.pop("client", {})}
    return messages.IssueTokenRequest(
        client_credentials=messages.ClientCredentialsGrant(),
        client_secret=messages.ClientSecretAuthentication(**wanted),
        **{"audience": demo.demo_audience, **changed},
    )


def issue(channel, demo, stubs, **changed):
    _, services = stubs("token/v1/token")
    return services.TokenServiceStub(channel).IssueToken(request(demo, stubs, **changed), timeout=10)


def key_set(channel, stubs):
    messages, services = stubs("keys/v1/key_set")
    return services.KeySetServiceStub(channel).GetKeySet(messages.GetKeySetRequest(), timeout=10)


def refusal(call):
    """The google.rpc.ErrorInfo of a refused call."""
    with pytest.raises(grpc.RpcError) as refused:
        call()
    status = rpc_status.from_call(refused.value)
    assert status is not None, f"{refused.value} carries no details"
    found = [detail for detail in status.details if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR)]
    assert len(found) == 1
    info = error_details_pb2.ErrorInfo()
    found[0].Unpack(info)
    assert info.domain == "mintage"
    return refused.value.code(), info.reason, dict(info.metadata)


def a_token_verifies_against_the_key_set_of_the_same_door(channel, demo, stubs):
    answer = issue(channel, demo, stubs)
    assert answer.token_type == "Bearer"
    assert list(answer.scopes) == ["read:demo", "write:demo"]

    header = jwt.get_unverified_header(answer.access_token)
    assert header["typ"] == "at+jwt"
    published = {key.kid: json.loads(key.jwk) for key in key_set(channel, stubs).keys}
    claims = jwt.decode(
        answer.access_token,
        jwt.PyJWK(published[header["kid"]]).key,
        algorithms=["ES256"],
        audience=demo.demo_audience,
        issuer=demo.mintage_issuer,
        options={"require": ["exp", "iat", "iss", "aud", "sub"]},
    )
    assert claims["client_id"] == demo.demo_client_id
    assert claims["exp"] - claims["iat"] == answer.expires_in


def the_key_set_announces_a_next_key_and_how_long_it_may_be_kept(channel, stubs):
    answer = key_set(channel, stubs)
    assert answer.version > 0
    assert answer.max_age_seconds > 0
    es256 = [key for key in answer.keys if json.loads(key.jwk)["alg"] == "ES256"]
    assert len(es256) >= 2, "an active key and an announced one"
    assert all("d" not in json.loads(key.jwk) for key in answer.keys)


def a_bad_secret_is_refused_and_nothing_more_is_said(channel, demo, stubs):
    bad = refusal(lambda: issue(channel, demo, stubs, client={"client_secret": "mcs_wrong"}))
    unknown = refusal(lambda: issue(channel, demo, stubs, client={"client_id": "nobody"}))
    assert bad == unknown == (grpc.StatusCode.UNAUTHENTICATED, "CLIENT_AUTHENTICATION_FAILED", {})


def an_unknown_audience_is_named(channel, demo, stubs):
    _, reason, metadata = refusal(lambda: issue(channel, demo, stubs, audience="https://unknown.mintage.test/"))
    assert (reason, metadata) == ("AUDIENCE_UNKNOWN", {"audience": "https://unknown.mintage.test/"})


def an_ungranted_scope_is_named_alone(channel, demo, stubs):
    _, reason, metadata = refusal(lambda: issue(channel, demo, stubs, scopes=["read:demo", "delete:demo"]))
    assert (reason, metadata) == ("SCOPE_NOT_GRANTED", {"scopes": "delete:demo"})


def an_operator_method_refuses_a_caller_without_a_token(channel, stubs):
    messages, services = stubs("registry/v1/client")
    code, reason, _ = refusal(
        lambda: services.ClientServiceStub(channel).ListClients(messages.ListClientsRequest(), timeout=10)
    )
    assert (code, reason) == (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")


def the_server_says_that_it_is_healthy(channel):
    for service in ["", "mintage.token.v1.TokenService", "mintage.keys.v1.KeySetService"]:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING, service


def the_server_describes_itself_by_reflection(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    assert {"mintage.token.v1.TokenService", "mintage.keys.v1.KeySetService"} <= set(database.get_services())
    file = database.FindFileContainingSymbol("mintage.token.v1.TokenService")
    assert [method.name for method in file.service[0].method] == ["IssueToken", "IssueFrontChannel", "RevokeToken"]
