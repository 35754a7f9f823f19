//! Project Wycheproof's vectors: keys, messages and signatures that once broke some library.
//!
//! Each key comes in as a JWK, as an issuer would publish it, so that admission and verification
//! are judged together. The messages are arbitrary bytes and no tokens; hence these tests are here,
//! at the one entry that takes such a message.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wycheproof::TestResult::{self, Acceptable, Invalid, Valid};
use wycheproof::{ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

use super::SignatureKey;
use crate::jwk;

#[test]
fn ed25519_signatures_of_wycheproof_are_judged_as_it_says() {
    let mut run = Run::default();
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    for group in set.test_groups {
        let key = Key::published(&json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": encode(&group.key.pk),
        }));
        for test in group.tests {
            run.judge(&key, test.tc_id, test.result, &test.msg, &test.sig);
        }
    }
    run.must_be(151, 88, &[]);
}

#[test]
fn p256_signatures_of_wycheproof_are_judged_as_it_says() {
    let run = ecdsa_run(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, 32);
    run.must_be(262, 173, &[]);
}

#[test]
fn p521_signatures_of_wycheproof_are_judged_as_it_says() {
    let run = ecdsa_run(ecdsa::TestName::EcdsaSecp521r1Sha512P1363, 66);
    run.must_be(318, 231, &[]);
}

/// The same signatures in DER, which JWS does not know (RFC 7518 §3.4): none is taken, right or
/// wrong, not even one that happens to be as long as the right form.
#[test]
fn ecdsa_signatures_in_der_are_never_accepted() {
    for (name, field) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256, 32),
        (ecdsa::TestName::EcdsaSecp521r1Sha512, 66),
    ] {
        let run = ecdsa_run(name, field);
        assert!(run.cases > 450, "{}", run.cases);
        assert_eq!(run.accepted, 0);
    }
}

#[test]
fn rsa_pkcs1_signatures_of_wycheproof_are_judged_as_it_says() {
    use rsa_pkcs1_verify::TestName::{Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256};

    // Good signatures under e = 3: keys that are not used (FIPS 186-5 §5.4).
    const SMALL_EXPONENT: &str = "its exponent is even, below 65537 or longer than 32 bits";
    for (name, cases, accepted, differences) in [
        (
            Rsa2048Sha256,
            259,
            7,
            &[(258, SMALL_EXPONENT), (259, SMALL_EXPONENT)][..],
        ),
        (Rsa3072Sha256, 259, 7, &[(259, SMALL_EXPONENT)]),
        (Rsa4096Sha256, 258, 7, &[]),
        (Rsa8192Sha256, 258, 7, &[]),
    ] {
        let mut run = Run::default();
        let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
        for group in set.test_groups {
            let key = Key::published(&rsa_jwk("RS256", &group.key.n, &group.key.e));
            for test in group.tests {
                run.judge(&key, test.tc_id, test.result, &test.msg, &test.sig);
            }
        }
        run.must_be(cases, accepted, differences);
    }
}

#[test]
fn rsa_pss_signatures_of_wycheproof_are_judged_as_it_says() {
    use rsa_pss_verify::TestName::{
        RsaPss2048Sha256Mgf1SaltLen32, RsaPss3072Sha256Mgf1SaltLen32, RsaPss4096Sha256Mgf1SaltLen32,
    };
    for name in [
        RsaPss2048Sha256Mgf1SaltLen32,
        RsaPss3072Sha256Mgf1SaltLen32,
        RsaPss4096Sha256Mgf1SaltLen32,
    ] {
        pss_run(name).must_be(108, 63, &[]);
    }
}

/// Right signatures of other parameters: PS256 means SHA-256 twice and a salt of 32 bytes, and
/// nothing in a token can say otherwise.
#[test]
fn rsa_pss_signatures_with_other_parameters_are_never_accepted() {
    use rsa_pss_verify::TestName::{
        RsaPss2048Sha1Mgf1SaltLen20, RsaPss2048Sha256Mgf1SaltLen0, RsaPss2048Sha256Mgf1Sha1_20,
        RsaPss2048Sha384Mgf1SaltLen48, RsaPss2048Sha512_256Mgf1SaltLen32,
        RsaPss4096Sha512Mgf1SaltLen32, RsaPss4096Sha512Mgf1SaltLen64,
    };
    for (name, right_for_ps256) in [
        (RsaPss2048Sha1Mgf1SaltLen20, 0),
        // Its case 69 shows a wrong salt, of 32 bytes: the right one here.
        (RsaPss2048Sha256Mgf1SaltLen0, 1),
        (RsaPss2048Sha256Mgf1Sha1_20, 0),
        (RsaPss2048Sha384Mgf1SaltLen48, 0),
        (RsaPss2048Sha512_256Mgf1SaltLen32, 0),
        (RsaPss4096Sha512Mgf1SaltLen32, 0),
        (RsaPss4096Sha512Mgf1SaltLen64, 0),
    ] {
        let run = pss_run(name);
        assert!(run.cases >= 80, "{}", run.cases);
        assert_eq!(run.accepted, right_for_ps256, "{name:?}");
    }
}

fn ecdsa_run(name: ecdsa::TestName, field: usize) -> Run {
    let mut run = Run::default();
    let (crv, alg) = match field {
        32 => ("P-256", "ES256"),
        _ => ("P-521", "ES512"),
    };
    for group in ecdsa::TestSet::load(name).unwrap().test_groups {
        // The vectors leave out or add leading zeros, a JWK must not (RFC 7518 §6.2.1.2).
        let [x, y] = [&group.key.affine_x, &group.key.affine_y].map(|number| {
            let zeros = number.iter().take_while(|byte| **byte == 0).count();
            let number = &number[zeros..];
            encode(&[&*vec![0; field - number.len()], number].concat())
        });
        let key = Key::published(&json!({ "kty": "EC", "crv": crv, "alg": alg, "x": x, "y": y }));
        for test in group.tests {
            run.judge(&key, test.tc_id, test.result, &test.msg, &test.sig);
        }
    }
    run
}

fn pss_run(name: rsa_pss_verify::TestName) -> Run {
    let mut run = Run::default();
    for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
        let key = Key::published(&rsa_jwk("PS256", &group.key.n, &group.key.e));
        for test in group.tests {
            run.judge(&key, test.tc_id, test.result, &test.msg, &test.sig);
        }
    }
    run
}

fn rsa_jwk(alg: &str, n: &[u8], e: &[u8]) -> Value {
    let [n, e] = [n, e].map(|number| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        encode(&number[zeros..])
    });
    json!({ "kty": "RSA", "alg": alg, "n": n, "e": e })
}

/// A published key, or the reason why it is not used.
struct Key(Result<SignatureKey, String>);

impl Key {
    fn published(jwk: &Value) -> Self {
        let mut jwk = jwk.clone();
        jwk["kid"] = json!("wycheproof");
        let judged = jwk::judge(jwk.to_string().as_bytes());
        Self(match judged {
            Ok(key) => Ok(SignatureKey::new(&key.material, key.algorithm).unwrap()),
            Err((_, reason)) => Err(reason.to_string()),
        })
    }
}

#[derive(Default)]
struct Run {
    cases: usize,
    accepted: usize,
    /// Cases that were judged otherwise than Wycheproof does, and how.
    differences: Vec<(usize, String)>,
}

impl Run {
    fn judge(&mut self, key: &Key, case: usize, says: TestResult, message: &[u8], sig: &[u8]) {
        self.cases += 1;
        let accepted = (key.0.as_ref()).is_ok_and(|key| key.verify(message, sig));
        self.accepted += usize::from(accepted);
        let difference = match (says, accepted, &key.0) {
            (Valid, true, _) | (Invalid, false, _) | (Acceptable, false, Ok(_)) => return,
            (Valid | Acceptable, false, Err(reason)) => reason.clone(),
            (Valid, false, Ok(_)) => "a good signature is refused".into(),
            (Invalid, true, _) => "A BAD SIGNATURE IS ACCEPTED".into(),
            (Acceptable, true, _) => "a doubtful signature is accepted".into(),
        };
        self.differences.push((case, difference));
    }

    fn must_be(&self, cases: usize, accepted: usize, differences: &[(usize, &str)]) {
        let found: Vec<_> = (self.differences.iter())
            .map(|(case, difference)| (*case, &**difference))
            .collect();
        assert_eq!(found, differences);
        assert_eq!((self.cases, self.accepted), (cases, accepted));
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
