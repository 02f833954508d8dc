"""PyJWT with its own key-set client, caches as they come: verifies the tokens on stdin, a line each, while keys rotate.

Usage: verify_while_keys_rotate.py JWKS_URL AUDIENCE. Says each failure, and at the end "N verified, N failed".
"""

import sys

import jwt

url, audience = sys.argv[1:]
keys = jwt.PyJWKClient(url)
verified = failed = 0
for line in sys.stdin:
    token = line.strip()
    try:
        key = keys.get_signing_key_from_jwt(token)
        jwt.decode(token, key.key, algorithms=["EdDSA"], audience=audience)
        verified += 1
    except jwt.PyJWTError as error:
        failed += 1
        print(f"{type(error).__name__}: {error}: {jwt.get_unverified_header(token)}", flush=True)
print(f"{verified} verified, {failed} failed", flush=True)
