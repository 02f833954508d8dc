"""Authlib signs a user in: code grant with PKCE, ID token, refresh, userinfo."""

import html
import os
import re
from urllib.parse import parse_qs, urljoin, urlsplit

import jwt
import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

REDIRECT_URI = "https://web.interop.test/callback"


def form(page, action):
    """What the form that posts to `action` carries."""
    found = re.search(rf'<form[^>]*action="{action}[?"].*?</form>', page, re.DOTALL)
    assert found, page[:2000]
    fields = []
    for tag in re.findall(r"<input[^>]*>", found[0]):
        name, value = (re.search(rf'\s{key}="([^"]*)"', tag) for key in ("name", "value"))
        fields.append((name[1], html.unescape(value[1]) if value else ""))
    return dict(fields)


def decide(demo, link, decision="allow"):
    """Opens the link as a person would, and returns where the client is answered."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(link))
    browser = requests.Session()
    browser.trust_env = False
    browser.verify = demo.mintage_ca

    def go(url, data=None):
        answer = browser.request("POST" if data else "GET", url, data=data, allow_redirects=False, timeout=10,
                                 headers={"Origin": origin} if data else {})
        onward = answer.headers.get("Location")
        if not onward:
            return url, answer.text
        onward = urljoin(url, onward)
        return go(onward) if onward.startswith(origin) else (onward, "")

    url, page = go(link)
    if "/u/sign-in" in url:
        fields = form(page, "/u/sign-in") | {"email": demo.demo_user_email, "password": demo.demo_user_password}
        url, page = go(f"{origin}/u/sign-in", fields)
    if "/u/consent" in url:
        url, page = go(f"{origin}/u/consent", form(page, "/u/consent") | {"decision": decision})
    leaving = re.search(r'<meta http-equiv="refresh" content="0;url=([^"]*)"', page)
    return html.unescape(leaving[1]) if leaving else url


def session(demo, **more):
    made = OAuth2Session(
        client_id=os.environ["MINTAGE_WEB_CLIENT_ID"],
        client_secret=os.environ["MINTAGE_WEB_CLIENT_SECRET"],
        redirect_uri=REDIRECT_URI,
        token_endpoint_auth_method="client_secret_basic",
        code_challenge_method="S256",
        **more,
    )
    made.trust_env = False
    made.verify = demo.mintage_ca
    return made


def a_user_signs_in_and_the_client_hears_who_it_is(demo, discovery, tls):
    verifier = generate_token(48)
    client = session(demo, scope="openid email read:demo offline_access")
    link, state = client.create_authorization_url(
        discovery["authorization_endpoint"], code_verifier=verifier, nonce="a nonce", audience=demo.demo_audience
    )
    callback = decide(demo, link)
    answered = parse_qs(urlsplit(callback).query)
    assert (answered["state"], answered["iss"]) == ([state], [demo.https_issuer])
    token = client.fetch_token(discovery["token_endpoint"], authorization_response=callback, code_verifier=verifier)

    keys = jwt.PyJWKClient(discovery["jwks_uri"], ssl_context=tls)
    claims = jwt.decode(
        token["id_token"],
        keys.get_signing_key_from_jwt(token["id_token"]).key,
        algorithms=["RS256"],
        audience=os.environ["MINTAGE_WEB_CLIENT_ID"],
        issuer=demo.https_issuer,
    )
    assert (claims["nonce"], claims["email"]) == ("a nonce", demo.demo_user_email)
    user = client.get(discovery["userinfo_endpoint"]).json()
    assert (user["sub"], user["email"]) == (claims["sub"], demo.demo_user_email)

    first = token["refresh_token"]
    following = client.refresh_token(discovery["token_endpoint"], refresh_token=first)
    assert following["refresh_token"] != first
    client.refresh_token(discovery["token_endpoint"], refresh_token=following["refresh_token"])
    with pytest.raises(OAuthError) as refused:
        client.refresh_token(discovery["token_endpoint"], refresh_token=first)
    assert refused.value.error == "invalid_grant"


def a_code_without_its_verifier_is_refused(demo, discovery):
    client = session(demo, scope="read:demo")
    link, _ = client.create_authorization_url(
        discovery["authorization_endpoint"], code_verifier=generate_token(48), audience=demo.demo_audience
    )
    callback = decide(demo, link)
    with pytest.raises(OAuthError) as refused:
        client.fetch_token(discovery["token_endpoint"], authorization_response=callback)
    assert refused.value.error == "invalid_grant"
