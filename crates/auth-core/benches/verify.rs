//! What a token costs: verified in full, beside the bare signature in the same run; and found in
//! the cache, alone and among 10,000.
//!
//! `cargo bench -p auth-core`. Quote ratios of one run.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops where its input is wrong"
)]

use std::sync::LazyLock;

use auth_core::{
    Algorithm, KeyRing, Policy, TokenCache, UnixTime, UntrustedToken, UserClaim, Verifier,
};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P521_SHA512_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use divan::{AllocProfiler, Bencher, black_box};
use ed25519_dalek::{Signer, SigningKey, Verifier as _, VerifyingKey};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// When the recorded tokens are good.
const NOW: UnixTime = UnixTime::from_secs(1_795_300_000);

/// A token recorded from Better Auth, with all that a verification needs.
struct Recorded {
    token: String,
    ring: KeyRing,
    jwk: Value,
    verifier: Verifier,
}

static RECORDED: LazyLock<[Recorded; 5]> = LazyLock::new(|| {
    [
        include_str!("../tests/vectors/EdDSA.json"),
        include_str!("../tests/vectors/ES256.json"),
        include_str!("../tests/vectors/ES512.json"),
        include_str!("../tests/vectors/RS256.json"),
        include_str!("../tests/vectors/PS256.json"),
    ]
    .map(|text| {
        let recorded: Value = serde_json::from_str(text).unwrap();
        let text = |name: &str| recorded[name].as_str().unwrap();
        let policy = Policy::new(text("issuer"), text("audience")).unwrap();
        Recorded {
            token: text("token").to_owned(),
            ring: KeyRing::parse(recorded["jwks"].to_string().as_bytes()).unwrap(),
            jwk: recorded["jwks"]["keys"][0].clone(),
            verifier: Verifier::new(policy.with_max_lifetime(None)),
        }
    })
});

fn recorded(algorithm: Algorithm) -> &'static Recorded {
    &RECORDED[Algorithm::ALL.iter().position(|a| *a == algorithm).unwrap()]
}

impl Recorded {
    fn verify(&self) {
        let token = UntrustedToken::parse(black_box(&self.token)).unwrap();
        black_box(self.verifier.verify(&token, &self.ring, NOW).unwrap());
    }

    fn number(&self, name: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD
            .decode(self.jwk[name].as_str().unwrap())
            .unwrap()
    }

    /// What is signed, and the signature.
    fn signed(&self) -> (&[u8], Vec<u8>) {
        let (input, signature) = self.token.rsplit_once('.').unwrap();
        (input.as_bytes(), URL_SAFE_NO_PAD.decode(signature).unwrap())
    }

    fn point(&self) -> Vec<u8> {
        [vec![4], self.number("x"), self.number("y")].concat()
    }

    fn aws_lc(&self, algorithm: Algorithm) -> ParsedPublicKey {
        let rsa = |parameters| {
            let (n, e) = (self.number("n"), self.number("e"));
            RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(parameters)
                .unwrap()
        };
        match algorithm {
            Algorithm::EdDsa => ParsedPublicKey::new(&ED25519, self.number("x")).unwrap(),
            Algorithm::Es256 => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.point()).unwrap()
            }
            Algorithm::Es512 => {
                ParsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, self.point()).unwrap()
            }
            Algorithm::Rs256 => rsa(&RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Ps256 => rsa(&RSA_PSS_2048_8192_SHA256),
        }
    }
}

/// Text to identity: parse, key, signature, every claim.
#[divan::bench(args = Algorithm::ALL, sample_count = 300)]
fn full_verification(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let recorded = recorded(algorithm);
    bencher.bench_local(|| recorded.verify());
}

/// The signature alone, by the key kept ready.
#[divan::bench(args = Algorithm::ALL, sample_count = 300)]
fn raw_aws_lc(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let recorded = recorded(algorithm);
    let (key, (message, signature)) = (recorded.aws_lc(algorithm), recorded.signed());
    bencher.bench_local(|| {
        key.verify_sig(black_box(message), black_box(&signature))
            .unwrap();
    });
}

/// The signature alone, by dalek: with AVX-512 where the build and the processor have it.
#[divan::bench(sample_count = 300)]
fn raw_dalek(bencher: Bencher<'_, '_>) {
    let recorded = recorded(Algorithm::EdDsa);
    let key = VerifyingKey::from_bytes(&recorded.number("x").try_into().unwrap()).unwrap();
    let (message, signature) = recorded.signed();
    bencher.bench_local(|| {
        let signature = ed25519_dalek::Signature::from_slice(black_box(&signature)).unwrap();
        key.verify(black_box(message), &signature).unwrap();
    });
}

/// Everything but the signature and the claims: what a token of an unknown key costs.
#[divan::bench(sample_count = 300)]
fn parse_only(bencher: Bencher<'_, '_>) {
    let recorded = recorded(Algorithm::EdDsa);
    bencher.bench_local(|| black_box(UntrustedToken::parse(black_box(&recorded.token)).is_ok()));
}

/// The same token, decoded, verified and typed by the most used JWT crate.
#[divan::bench(args = [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256], sample_count = 300)]
fn jsonwebtoken_aws_lc(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    #[derive(serde::Deserialize)]
    #[expect(dead_code, reason = "they are what a server would read")]
    struct Claims {
        sub: String,
        iss: String,
        aud: String,
        exp: i64,
        iat: i64,
        uuid: Option<String>,
        sid: Option<String>,
    }

    let recorded = recorded(algorithm);
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(recorded.jwk.clone()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
    let policy = recorded.verifier.policy();
    let mut validation = jsonwebtoken::Validation::new(algorithm.name().parse().unwrap());
    validation.set_issuer(&[policy.issuer()]);
    validation.set_audience(policy.audiences());
    bencher.bench_local(|| {
        jsonwebtoken::decode::<Claims>(black_box(&recorded.token), &key, &validation).unwrap()
    });
}

/// Tokens of as many users, and a cache that holds them all.
struct Crowd {
    tokens: Vec<String>,
    cache: TokenCache,
}

fn crowd(size: usize) -> Crowd {
    let signer = SigningKey::from_bytes(&[7; 32]);
    let jwks = json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "ZtH0QTEVhzLaDkkHg2qysy3rJgRFr0QZ",
        "x": URL_SAFE_NO_PAD.encode(signer.verifying_key()),
    }]});
    let ring = KeyRing::parse(jwks.to_string().as_bytes()).unwrap();
    let policy = Policy::new("https://app.example", "https://api.example").unwrap();
    let verifier = Verifier::new(policy.with_user_claim(UserClaim::Uuid));
    let cache = TokenCache::new(TokenCache::DEFAULT_BYTES);
    let header = json!({ "alg": "EdDSA", "kid": "ZtH0QTEVhzLaDkkHg2qysy3rJgRFr0QZ" }).to_string();
    let tokens = (1..=size as u128).map(|user| {
        let uuid = uuid::Uuid::from_u128(user << 64 | user);
        // As many bytes as one of Better Auth's with its default payload: the whole user.
        let payload = json!({
            "name": "A User of the Benchmark", "email": format!("user-{user}@mail.example"),
            "emailVerified": true, "image": null, "createdAt": "2026-11-21T10:00:00.000Z",
            "updatedAt": "2026-11-21T10:00:00.000Z", "uuid": uuid, "id": uuid.simple().to_string(),
            "sid": format!("session-{user:024}"), "sub": uuid.simple().to_string(),
            "note": "x".repeat(120),
            "iat": NOW.as_secs(), "exp": NOW.as_secs() + 900,
            "iss": "https://app.example", "aud": "https://api.example",
        });
        let input = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(&header),
            URL_SAFE_NO_PAD.encode(payload.to_string())
        );
        let signature = signer.sign(input.as_bytes());
        let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()));
        let parsed = UntrustedToken::parse(&token).unwrap();
        let identity = verifier.verify(&parsed, &ring, NOW).unwrap();
        cache.insert(&token, &identity, &verifier, 0, 1);
        token
    });
    let tokens: Vec<String> = tokens.collect();
    assert_eq!(cache.len(), size);
    Crowd { tokens, cache }
}

/// One token over and over, and 10,000 in a random order.
#[divan::bench(args = [1, 10_000], sample_count = 300, sample_size = 10_000)]
fn cache_hit(bencher: Bencher<'_, '_>, live: usize) {
    let Crowd { tokens, cache } = crowd(live);
    let mut next = 1_usize;
    bencher.bench_local(|| {
        // A full-period generator: every token as often as every other, in no order.
        next = next
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let token = &tokens[(next >> 33) % tokens.len()];
        black_box(
            cache
                .get(black_box(token), NOW, |_| Some(1))
                .unwrap()
                .unwrap(),
        )
    });
}
