"""The code flow with PKCE as a Python application runs it with Authlib; the sign-in form is posted as a browser would.

usage: authlib_client.py ISSUER CLIENT_ID REDIRECT_URI ADDRESS, with CLIENT_SECRET and PASSWORD in the environment.
Prints what the application has learned, as JSON.
"""

import json
import os
import sys
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken, UserInfo
from joserfc import jwt
from joserfc.jwk import KeySet


class Form(HTMLParser):
    """The address and the hidden fields of the form that the person fills in: sign-in or consent."""

    def __init__(self, page):
        super().__init__()
        self.name, self.action, self.fields, self.inside = None, None, {}, False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.inside = attrs.get("id") in ("sign-in-form", "consent-form")
            if self.inside:
                self.name, self.action = attrs["id"], attrs["action"]
        elif tag == "input" and self.inside and attrs.get("type") == "hidden":
            self.fields[attrs["name"]] = attrs["value"]


def sign_in(url, redirect_uri, address, password):
    """Follows the authorization request to its answer; signs in and agrees where the house asks."""
    browser = requests.Session()
    answer = browser.get(url, allow_redirects=False)
    while True:
        if answer.is_redirect:
            url = urljoin(answer.url, answer.headers["location"])
            if url.startswith(redirect_uri):
                return url
            answer = browser.get(url, allow_redirects=False)
            continue
        form = Form(answer.text)
        if form.action is None or answer.request.method == "POST":
            sys.exit(f"no way on from {answer.url} ({answer.status_code}):\n{answer.text}")
        given = {"identifier": address, "password": password}
        fields = form.fields | (given if form.name == "sign-in-form" else {"answer": "agree"})
        answer = browser.post(urljoin(answer.url, form.action), data=fields, allow_redirects=False)


def checked_id_token(id_token, keys, metadata, client, nonce, access_token):
    """The claims of the ID token, after its signature and OIDC Core 1.0 section 3.1.3.7."""
    token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=["RS256"])
    options = {"iss": {"value": metadata["issuer"]}, "aud": {"value": client.client_id}}
    params = {"nonce": nonce, "client_id": client.client_id, "access_token": access_token}
    claims = CodeIDToken(token.claims, token.header, options, params)
    claims.validate(leeway=0)
    return claims


def main(issuer, client_id, redirect_uri, address):
    metadata = requests.get(f"{issuer}/.well-known/openid-configuration").json()
    assert metadata["issuer"] == issuer, metadata["issuer"]
    client = OAuth2Session(
        client_id,
        os.environ["CLIENT_SECRET"],
        scope="openid profile email agency offline_access",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
    verifier, nonce = generate_token(48), generate_token()
    url, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, prompt="consent"
    )
    answer = sign_in(url, redirect_uri, address, os.environ["PASSWORD"])
    token = client.fetch_token(
        metadata["token_endpoint"], authorization_response=answer, code_verifier=verifier, state=state
    )
    keys = requests.get(metadata["jwks_uri"]).json()
    claims = checked_id_token(token["id_token"], keys, metadata, client, nonce, token["access_token"])
    info = UserInfo(client.get(metadata["userinfo_endpoint"]).json())
    assert info["sub"] == claims["sub"]
    client.refresh_token(metadata["token_endpoint"])
    refreshed = client.get(metadata["userinfo_endpoint"]).json()
    print(json.dumps({"id_token": dict(claims), "userinfo": dict(info), "refreshed": refreshed}))


main(*sys.argv[1:])
