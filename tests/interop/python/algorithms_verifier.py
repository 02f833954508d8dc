"""PyJWT verifies tokens of every algorithm that an operator can choose for an API."""

import base64
import datetime
import hashlib
import uuid

import grpc
import jwt
import pytest
import requests
from cryptography import x509

MANAGEMENT = "urn:mintage:management"
ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]


@pytest.fixture(scope="module")
def door(demo):
    with grpc.insecure_channel(demo.mintage_grpc) as made:
        yield made


@pytest.fixture(scope="module")
def operator(demo):
    """The operator's token as gRPC metadata."""
    form = {
        "grant_type": "client_credentials",
        "client_id": demo.operator_client_id,
        "client_secret": demo.operator_client_secret,
        "audience": MANAGEMENT,
    }
    answer = requests.post(demo.mintage_https_token_url, data=form, verify=demo.mintage_ca, timeout=10)
    assert answer.status_code == 200, answer.text
    return [("authorization", f"Bearer {answer.json()['access_token']}")]


@pytest.fixture
def api(demo, door, stubs, operator):
    """Makes an API of an algorithm with a grant for the demo client: api("RS256") is its record."""
    messages, services = stubs("registry/v1/resource_server")
    grants, grant_services = stubs("registry/v1/client_grant")
    algorithms, _ = stubs("types/v1/algorithm")
    made = []

    def make(algorithm):
        record = services.ResourceServerServiceStub(door).CreateResourceServer(
            messages.CreateResourceServerRequest(
                identifier=f"https://{algorithm.lower()}-{uuid.uuid4()}.mintage.test/",
                name=f"Foreign {algorithm}",
                scopes=[messages.ScopeDefinition(value="read:coins", description="Read coins")],
                signing_algorithm=algorithms.SigningAlgorithm.Value(f"SIGNING_ALGORITHM_{algorithm.upper()}"),
            ),
            metadata=operator,
            timeout=30,
        ).resource_server
        made.append(record)
        grant_services.ClientGrantServiceStub(door).CreateClientGrant(
            grants.CreateClientGrantRequest(
                client_id=demo.demo_client_id, audience=record.identifier, scopes=["read:coins"]
            ),
            metadata=operator,
            timeout=30,
        )
        return record

    yield make
    for record in made:
        request = messages.DeleteResourceServerRequest(id=record.id)
        try:
            services.ResourceServerServiceStub(door).DeleteResourceServer(request, metadata=operator, timeout=30)
        except grpc.RpcError as gone:
            assert gone.code() == grpc.StatusCode.NOT_FOUND


def ask(demo, audience):
    form = {
        "grant_type": "client_credentials",
        "client_id": demo.demo_client_id,
        "client_secret": demo.demo_client_secret,
        "audience": audience,
    }
    return requests.post(demo.mintage_https_token_url, data=form, verify=demo.mintage_ca, timeout=10)


def published_key(discovery, tls, token):
    """The token's key by PyJWT's own client: an API's first key is in the key set when the API's creation returns."""
    keys = jwt.PyJWKClient(discovery["jwks_uri"], ssl_context=tls)
    return keys.get_signing_key_from_jwt(token).key


def token_for(demo, audience):
    answer = ask(demo, audience)
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def a_token_of_the_algorithm_verifies_against_the_key_set(demo, discovery, tls, api, algorithm):
    record = api(algorithm)
    token = token_for(demo, record.identifier)
    verified = jwt.decode_complete(
        token,
        published_key(discovery, tls, token),
        algorithms=[algorithm],
        audience=record.identifier,
        issuer=demo.https_issuer,
    )
    assert verified["header"]["typ"] == "JWT"
    assert list(verified["payload"]) == ["iss", "sub", "aud", "iat", "exp", "scope", "gty", "azp"]
    assert verified["payload"]["gty"] == "client-credentials"
    assert verified["payload"]["azp"] == demo.demo_client_id


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def a_key_of_the_algorithm_has_a_certificate_that_it_signed_itself(demo, discovery, api, algorithm):
    api(algorithm)
    published = requests.get(discovery["jwks_uri"], verify=demo.mintage_ca, timeout=10).json()["keys"]
    keys = [key for key in published if key["alg"] == algorithm]
    assert len(keys) >= 2, "one that signs and one that is announced"
    for key in keys:
        (text,) = key["x5c"]
        der = base64.b64decode(text, validate=True)
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
        certificate = x509.load_der_x509_certificate(der)
        certificate.verify_directly_issued_by(certificate)
        assert certificate.public_key() == jwt.PyJWK(key).key
        assert key["x5t#S256"] == thumbprint
        names = {attribute.value for name in (certificate.subject, certificate.issuer) for attribute in name}
        assert names == {key["kid"]}
        assert certificate.not_valid_before_utc < datetime.datetime.now(datetime.UTC) < certificate.not_valid_after_utc
        assert 0 < certificate.serial_number < 2**159


def a_token_of_a_shared_secret_verifies_with_the_secret_alone(demo, discovery, tls, door, stubs, operator, api):
    record = api("HS256")
    token = token_for(demo, record.identifier)
    messages, services = stubs("keys/v1/key_ring")
    revealed = services.KeyRingServiceStub(door).RevealSharedSecrets(
        messages.RevealSharedSecretsRequest(resource_server_id=record.id), metadata=operator, timeout=10
    )
    kid = jwt.get_unverified_header(token)["kid"]
    secret = next(secret for secret in revealed.secrets if secret.kid == kid)
    key = jwt.PyJWK({"kty": "oct", "alg": "HS256", "k": secret.k}).key
    claims = jwt.decode(token, key, algorithms=["HS256"], audience=record.identifier, issuer=demo.https_issuer)
    assert claims["scope"] == "read:coins"
    with pytest.raises(jwt.PyJWKClientError):
        jwt.PyJWKClient(discovery["jwks_uri"], ssl_context=tls).get_signing_key_from_jwt(token)


def an_api_deleted_is_an_unknown_audience_at_once(demo, door, stubs, operator, api):
    record = api("ES256")
    token_for(demo, record.identifier)
    messages, services = stubs("registry/v1/resource_server")
    stub = services.ResourceServerServiceStub(door)
    stub.DeleteResourceServer(messages.DeleteResourceServerRequest(id=record.id), metadata=operator, timeout=30)
    refused = ask(demo, record.identifier)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")
