//! The examples of RFC 6979, RFC 7515, RFC 7638 and RFC 8037.

use mintage_jose::{Algorithm, InvalidSignature, Jwk, PrivateKey, VerifyingKey};

use crate::support::decoded;

#[test]
fn rfc_7515_a_1_hs256() {
    let secret = decoded("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    let key = PrivateKey::from_bytes(Algorithm::Hs256, "a".parse().unwrap(), &secret).unwrap();
    let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    check(&VerifyingKey::of(&key).unwrap(), "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", PAYLOAD, signature);
}

#[test]
fn rfc_7515_a_2_rs256() {
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGb\
                     ds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0Ga\
                     rZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY\
                     9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let jwk = r#"{"kty":"RSA","alg":"RS256","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#;
    check(&verifier(jwk), "eyJhbGciOiJSUzI1NiJ9", PAYLOAD, signature);
}

#[test]
fn rfc_7515_a_3_es256() {
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    check(&verifier(jwk), "eyJhbGciOiJFUzI1NiJ9", PAYLOAD, signature);
}

/// RFC 7518 gives no example of ES384; this is the ECDSA beneath it.
#[test]
fn rfc_6979_a_2_6_p_384_with_sha_384() {
    let x = "7DpOQVtOGaRWhhgCn0J_pdqai8SukuAuBqrlKGswDGTe-PDqkFWGYGSiVFFUgLwT";
    let y = "gBXZty19VyROqO-awMYhiWcIpZNn-d-59UyoSz8cnbEoiyMcOuDU_nNE_SUzJkcg";
    let signature = "lO27kqXsuKrUc25WxpGRaz-IFAZmzp-nPWTE6pWtEzyBpkgVLkSs-W423R6A-r5G\
                     me9K6xXxeM6h_kDbJgMTjxMOdAoZYkUmIDtjUdCjqU-jKcFFeG5nnnuCxxo4YorI";
    let verifier = verifier(&format!(r#"{{"kty":"EC","crv":"P-384","x":"{x}","y":"{y}"}}"#));
    assert_eq!((verifier.algorithm(), verifier.verify(b"sample", &decoded(signature))), (Algorithm::Es384, Ok(())));
    assert_eq!(verifier.verify(b"simple", &decoded(signature)), Err(InvalidSignature));
}

#[test]
fn rfc_8037_a_4_eddsa() {
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    check(&verifier(ED25519_JWK), "eyJhbGciOiJFZERTQSJ9", "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", signature);
}

#[test]
fn rfc_8037_a_3_thumbprint() {
    let jwk: Jwk = ED25519_JWK.parse().unwrap();
    assert_eq!(jwk.thumbprint().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn rfc_7638_3_1_thumbprint() {
    let jwk = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    let jwk: Jwk = jwk.parse().unwrap();
    assert_eq!(jwk.kid().as_str(), "2011-04-29");
    assert_eq!(jwk.thumbprint().as_str(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
fn verifier(jwk: &str) -> VerifyingKey {
    VerifyingKey::new(&jwk.parse().unwrap()).unwrap()
}

/// The signature holds for the input, and for no other.
fn check(key: &VerifyingKey, header: &str, payload: &str, signature: &str) {
    let (input, signature) = (format!("{header}.{payload}"), decoded(signature));
    assert_eq!(key.verify(input.as_bytes(), &signature), Ok(()));
    assert_eq!(key.verify(payload.as_bytes(), &signature), Err(InvalidSignature));
}

const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const ED25519_JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
