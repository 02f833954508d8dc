"""Authlib asks for tokens over HTTPS; PyJWT verifies them with its own remote key set."""

import jwt
import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session


def ask(demo, discovery, method="client_secret_post", secret=None, **parameters):
    session = OAuth2Session(
        client_id=demo.demo_client_id,
        client_secret=secret or demo.demo_client_secret,
        token_endpoint_auth_method=method,
    )
    session.trust_env = False  # A CA bundle named by the environment would win over this session's own.
    session.verify = demo.mintage_ca
    parameters.setdefault("audience", demo.demo_audience)
    return session.fetch_token(discovery["token_endpoint"], grant_type="client_credentials", timeout=10, **parameters)


def verify(demo, discovery, tls, token, algorithms=("ES256",)):
    keys = jwt.PyJWKClient(discovery["jwks_uri"], ssl_context=tls)
    return jwt.decode_complete(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=list(algorithms),
        audience=demo.demo_audience,
        issuer=demo.https_issuer,
        options={"require": ["exp", "iat", "iss", "aud", "sub"]},
    )


def the_discovery_document_names_its_own_issuer(demo, discovery):
    assert discovery["issuer"] == demo.https_issuer
    assert discovery["token_endpoint"] == demo.mintage_https_token_url
    assert "client_credentials" in discovery["grant_types_supported"]


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def a_token_verifies_against_the_key_set(demo, discovery, tls, now, method):
    assert method in discovery["token_endpoint_auth_methods_supported"]
    answer = ask(demo, discovery, method)
    assert answer["token_type"] == "Bearer"
    assert answer["scope"] == "read:demo write:demo"

    token = verify(demo, discovery, tls, answer["access_token"])
    claims = token["payload"]
    assert token["header"]["typ"] == "at+jwt"
    assert claims["client_id"] == demo.demo_client_id
    assert claims["sub"] == f"{demo.demo_client_id}@clients"
    assert claims["scope"] == "read:demo write:demo"
    assert claims["exp"] - claims["iat"] == answer["expires_in"]
    assert abs(claims["iat"] - now()) < 30


def a_narrower_scope_is_granted_as_asked(demo, discovery, tls):
    answer = ask(demo, discovery, scope="read:demo")
    assert verify(demo, discovery, tls, answer["access_token"])["payload"]["scope"] == "read:demo"


def a_resource_means_what_an_audience_means(demo, discovery, tls):
    answer = ask(demo, discovery, audience=None, resource=demo.demo_audience)
    assert verify(demo, discovery, tls, answer["access_token"])["payload"]["aud"] == demo.demo_audience


def every_token_has_an_identifier_of_its_own(demo, discovery, tls):
    tokens = [verify(demo, discovery, tls, ask(demo, discovery)["access_token"]) for _ in range(3)]
    assert len({token["payload"]["jti"] for token in tokens}) == 3


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def a_bad_secret_is_invalid_client(demo, discovery, method):
    with pytest.raises(OAuthError) as refused:
        ask(demo, discovery, method, secret="mcs_wrong")
    assert refused.value.error == "invalid_client"


def an_unknown_audience_is_invalid_target(demo, discovery):
    with pytest.raises(OAuthError) as refused:
        ask(demo, discovery, audience="https://unknown.mintage.test/")
    assert refused.value.error == "invalid_target"


def an_ungranted_scope_is_invalid_scope(demo, discovery):
    with pytest.raises(OAuthError) as refused:
        ask(demo, discovery, scope="read:demo delete:demo")
    assert refused.value.error == "invalid_scope"


def a_token_with_one_letter_changed_does_not_verify(demo, discovery, tls):
    head, payload, signature = ask(demo, discovery)["access_token"].split(".")
    forged = ".".join([head, payload, ("A" if signature[0] != "A" else "B") + signature[1:]])
    with pytest.raises(jwt.InvalidSignatureError):
        verify(demo, discovery, tls, forged)
