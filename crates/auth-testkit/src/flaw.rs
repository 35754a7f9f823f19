use std::time::Duration;

use auth_core::{Algorithm, MAX_TOKEN_BYTES};
use josekit::jws::{HS256, JwsSigner};
use serde_json::{Value, json};

use crate::token::{encode, now};
use crate::{LIFETIME, SigningKey, TokenBuilder, tampered};

/// One line for each: what is wrong, its name, and the code of the refusal.
macro_rules! flaws {
    ($($(#[$doc:meta])+ $name:ident => $code:literal,)+) => {
        /// What can be wrong with a token. A token with a flaw is good in every other respect, so
        /// that whoever lets it in has missed just that.
        ///
        /// ```
        /// use auth_core::{KeyRing, UntrustedToken, Verifier};
        /// use auth_testkit::{FakeIssuer, Flaw};
        /// use std::time::SystemTime;
        /// use uuid::Uuid;
        ///
        /// let issuer = FakeIssuer::start();
        /// let keys = KeyRing::parse(issuer.jwks().to_string().as_bytes())?;
        /// let verifier = Verifier::new(issuer.policy());
        /// for &flaw in Flaw::ALL {
        ///     let bad = issuer.mint_bad(Uuid::from_u128(0xA11CE), flaw);
        ///     let refused = UntrustedToken::parse(&bad)
        ///         .and_then(|token| verifier.verify(&token, &keys, SystemTime::now().into()));
        ///     assert_eq!(refused.unwrap_err().code(), flaw.code(), "{flaw:?}");
        /// }
        /// # Ok::<(), auth_core::KeySetError>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Flaw {
            $($(#[$doc])+ $name,)+
        }

        impl Flaw {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The [code](auth_core::Denied::code) that a sound server refuses it with, where the
            /// issuer's [policy](crate::FakeIssuer::policy) holds.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

flaws! {
    /// Its time was over long ago (RFC 7519 §4.1.4).
    Expired => "token_expired",
    /// `nbf` is an hour ahead (RFC 7519 §4.1.5).
    NotYetValid => "token_not_yet_valid",
    /// `iat` is an hour ahead.
    IssuedInFuture => "issued_in_future",
    /// Good for thirty days.
    LifetimeTooLong => "token_lifetime",
    /// No `exp`.
    ExpiryMissing => "claims_malformed",
    /// `exp` is a text.
    ExpiryText => "claims_malformed",

    /// `iss` is another server.
    IssuerOther => "issuer_mismatch",
    /// No `iss`.
    IssuerMissing => "issuer_mismatch",
    /// `iss` has a slash too many.
    IssuerTrailingSlash => "issuer_mismatch",
    /// `iss` is a list that has the right one in it (CVE-2025-30144).
    IssuerList => "claims_malformed",
    /// `aud` is another server.
    AudienceOther => "audience_mismatch",
    /// No `aud`.
    AudienceMissing => "audience_mismatch",
    /// `aud` is an empty list.
    AudienceEmpty => "audience_mismatch",
    /// `aud` has a slash too many.
    AudienceTrailingSlash => "audience_mismatch",
    /// No `sub`.
    SubjectMissing => "subject_missing",
    /// `sub` is an empty text.
    SubjectEmpty => "subject_missing",
    /// No `uuid`: Better Auth was not told to add it.
    UserClaimMissing => "user_claim_missing",
    /// `uuid` is null: this user has none.
    UserClaimNull => "user_claim_null",
    /// `uuid` is some other text.
    UserClaimNoUuid => "user_claim_invalid",
    /// `uuid` is the nil UUID, which is nobody's.
    UserClaimNil => "user_claim_invalid",
    /// `cnf` binds it to a key that its sender must prove to hold (RFC 7800).
    Bound => "token_bound",
    /// An id token, as its `nonce` and `at_hash` show.
    IdToken => "id_token",
    /// A back-channel logout token, as its `events` show.
    LogoutToken => "logout_token",
    /// `uuid` stands twice in the claims: the user's, and somebody else's.
    DuplicateClaim => "claims_malformed",
    /// The payload is an array.
    ClaimsArray => "claims_malformed",
    /// The payload is no JSON.
    ClaimsNoJson => "claims_malformed",

    /// `alg: none`, and no signature.
    AlgorithmNone => "algorithm_not_allowed",
    /// `alg: HS256`, the secret being the published key in JSON (CVE-2026-48526).
    HmacWithJwk => "algorithm_not_allowed",
    /// `alg: HS256`, the secret being the public key in PEM (CVE-2015-9235).
    HmacWithPem => "algorithm_not_allowed",
    /// `alg: HS256`, the secret being the bare bytes of the public key.
    HmacWithKeyBytes => "algorithm_not_allowed",
    /// `alg` is one that the server knows, but not the named key's.
    AlgorithmOfAnotherKey => "algorithm_not_allowed",
    /// `alg` in small letters.
    AlgorithmLowerCase => "algorithm_not_allowed",
    /// No `alg`.
    AlgorithmMissing => "algorithm_not_allowed",
    /// `kid` is a key that the issuer never had.
    KeyIdUnknown => "key_unknown",
    /// No `kid`.
    KeyIdMissing => "key_id_missing",
    /// `kid` has in it what would harm a query or a log.
    KeyIdHostile => "token_malformed",
    /// `alg` stands twice in the header.
    DuplicateHeader => "token_malformed",
    /// The header is no JSON.
    HeaderNoJson => "token_malformed",
    /// `crit` names an extension that must be understood.
    Critical => "header_not_allowed",
    /// `b64: false`, for a payload that is not encoded (RFC 7797).
    Unencoded => "header_not_allowed",
    /// `cty: JWT`, for a token inside the token.
    Nested => "header_not_allowed",
    /// Signed by a stranger, whose key comes along as `jwk` (CVE-2018-0114).
    KeyEmbedded => "header_not_allowed",
    /// Signed by a stranger, whose keys `jku` leads to.
    KeySetUrl => "header_not_allowed",
    /// Signed by a stranger, whose certificate `x5u` leads to.
    CertificateUrl => "header_not_allowed",
    /// Signed by a stranger, whose certificate comes along as `x5c`.
    CertificateEmbedded => "header_not_allowed",
    /// `typ: at+jwt`: an OAuth access token, to a server that takes plain ones.
    TypeAccess => "type_not_allowed",
    /// `typ: dpop+jwt`: a proof (RFC 9449).
    TypeDpop => "type_not_allowed",
    /// `typ: logout+jwt`: a back-channel logout token.
    TypeLogout => "type_not_allowed",

    /// One bit of the signature is flipped.
    SignatureTampered => "signature_invalid",
    /// The claims were exchanged after the signing.
    ClaimsExchanged => "signature_invalid",
    /// Signed by a stranger in the name of the issuer's key.
    SignedByStranger => "signature_invalid",
    /// The signature is all zeros (CVE-2022-21449).
    SignatureZero => "signature_invalid",
    /// The signature is empty.
    SignatureMissing => "token_malformed",

    /// Better Auth's opaque session token: 32 letters and digits, the commonest mistake.
    SessionToken => "session_token",
    /// The value of Better Auth's session cookie: that token, a dot, and a signature.
    SessionCookie => "session_token",
    /// The value of Better Auth's cookie cache: a JWT under the server's own secret.
    CookieCache => "algorithm_not_allowed",
    /// Encrypted: a JWE, with five parts.
    Encrypted => "token_malformed",
    /// The JSON serialisation (RFC 7515 §7.2.2) of a good token.
    JsonSerialized => "token_malformed",
    /// Header and payload alone.
    TwoParts => "token_malformed",
    /// A good token with `=` after its signature.
    Padded => "token_malformed",
    /// Longer than any server should read.
    Oversized => "token_too_large",
    /// Some words.
    Garbage => "token_malformed",
    /// Nothing at all. In HTTP, a `Bearer` with nothing behind it.
    Empty => "token_malformed",
}

/// The token with this flaw: what `good` would be, signed by `key`, were it not for that.
pub(crate) fn forge(flaw: Flaw, good: TokenBuilder, key: &SigningKey) -> String {
    const HOUR: Duration = Duration::from_secs(60 * 60);
    const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);
    let as_list = |token: &TokenBuilder, claim| json!([token.claim_value(claim)]);
    let and_a_slash = |token: &TokenBuilder, claim| {
        let text = token.claim_value(claim).and_then(Value::as_str);
        format!("{}/", text.unwrap_or_default())
    };
    let bent = match flaw {
        Flaw::Expired => good.expired(),
        Flaw::NotYetValid => good.claim("nbf", (now() + HOUR).as_secs()),
        Flaw::IssuedInFuture => {
            let minted = now() + HOUR;
            let late = good.claim("iat", minted.as_secs());
            late.expires_at(minted + LIFETIME)
        }
        Flaw::LifetimeTooLong => good.expires_at(now() + MONTH),
        Flaw::ExpiryMissing => good.without_claim("exp"),
        Flaw::ExpiryText => {
            let at = now() + LIFETIME;
            good.claim("exp", at.as_secs().to_string())
        }

        Flaw::IssuerOther => good.issuer("https://issuer.example"),
        Flaw::IssuerMissing => good.without_claim("iss"),
        Flaw::IssuerTrailingSlash => {
            let other = and_a_slash(&good, "iss");
            good.issuer(other)
        }
        Flaw::IssuerList => {
            let list = as_list(&good, "iss");
            good.issuer(list)
        }
        Flaw::AudienceOther => good.audience("https://audience.example"),
        Flaw::AudienceMissing => good.without_claim("aud"),
        Flaw::AudienceEmpty => good.audience(json!([])),
        Flaw::AudienceTrailingSlash => {
            let other = and_a_slash(&good, "aud");
            good.audience(other)
        }
        Flaw::SubjectMissing => good.without_claim("sub"),
        Flaw::SubjectEmpty => good.subject(""),
        Flaw::UserClaimMissing => good.without_claim("uuid"),
        Flaw::UserClaimNull => good.claim("uuid", Value::Null),
        Flaw::UserClaimNoUuid => good.claim("uuid", "admin"),
        Flaw::UserClaimNil => good.claim("uuid", "00000000-0000-0000-0000-000000000000"),
        Flaw::Bound => good.claim("cnf", json!({ "jkt": encode([7; 32]) })),
        Flaw::IdToken => {
            let with_nonce = good.claim("nonce", "a-nonce");
            with_nonce.claim("at_hash", encode([7; 16]))
        }
        Flaw::LogoutToken => good.claim(
            "events",
            json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        ),
        Flaw::DuplicateClaim => {
            let twice = good.payload_text().replacen(
                '{',
                "{\"uuid\":\"00000000-0000-4000-8000-000000000001\",",
                1,
            );
            good.raw_payload(twice)
        }
        Flaw::ClaimsArray => good.raw_payload("[]"),
        Flaw::ClaimsNoJson => good.raw_payload("uuid=admin"),

        Flaw::AlgorithmNone => {
            return good.header("alg", "none").sign_with(key, |_| Vec::new());
        }
        Flaw::HmacWithJwk => return hmac(&good, key, key.public_jwk().to_string().as_bytes()),
        Flaw::HmacWithPem => return hmac(&good, key, key.public_pem()),
        Flaw::HmacWithKeyBytes => return hmac(&good, key, &key.public_bytes()),
        Flaw::AlgorithmOfAnotherKey => {
            let own = key.algorithm();
            let mut others = Algorithm::ALL.into_iter().filter(|other| *other != own);
            let other = others.next().expect("there are five algorithms");
            good.header("alg", other.name())
        }
        Flaw::AlgorithmLowerCase => good.header("alg", key.algorithm().name().to_ascii_lowercase()),
        Flaw::AlgorithmMissing => good.without_header("alg"),
        Flaw::KeyIdUnknown => good.header("kid", "no-key-that-ever-was"),
        Flaw::KeyIdMissing => good.without_header("kid"),
        Flaw::KeyIdHostile => good.header("kid", "' OR '1'='1\r\n"),
        Flaw::DuplicateHeader => {
            let twice = good.header_text(key).replacen('{', "{\"alg\":\"none\",", 1);
            good.raw_header(twice)
        }
        Flaw::HeaderNoJson => good.raw_header("alg=none"),
        Flaw::Critical => {
            let named = good.header("crit", json!(["urn:example:extension"]));
            named.header("urn:example:extension", true)
        }
        Flaw::Unencoded => good.header("b64", false),
        Flaw::Nested => good.header("cty", "JWT"),
        Flaw::KeyEmbedded => {
            let stranger = stranger(key);
            return good.header("jwk", stranger.public_jwk()).sign(&stranger);
        }
        Flaw::KeySetUrl => {
            let elsewhere = good.header("jku", "https://stranger.example/jwks.json");
            return elsewhere.sign(&stranger(key));
        }
        Flaw::CertificateUrl => {
            let elsewhere = good.header("x5u", "https://stranger.example/key.pem");
            return elsewhere.sign(&stranger(key));
        }
        Flaw::CertificateEmbedded => {
            return good.header("x5c", json!(["MIIB"])).sign(&stranger(key));
        }
        Flaw::TypeAccess => good.header("typ", "at+jwt"),
        Flaw::TypeDpop => good.header("typ", "dpop+jwt"),
        Flaw::TypeLogout => good.header("typ", "logout+jwt"),

        Flaw::SignatureTampered => return tampered(&good.sign(key)),
        Flaw::ClaimsExchanged => {
            let original = good.sign(key);
            let (_, signature) = original.rsplit_once('.').expect("a token has three parts");
            let other = good.claim("role", "admin").sign(key);
            let (input, _) = other.rsplit_once('.').expect("a token has three parts");
            return format!("{input}.{signature}");
        }
        Flaw::SignedByStranger => return good.sign(&stranger(key)),
        Flaw::SignatureZero => {
            return good.sign_with(key, |input| vec![0; key.sign(input).len()]);
        }
        Flaw::SignatureMissing => return good.sign_with(key, |_| Vec::new()),

        Flaw::SessionToken => return SESSION_TOKEN.to_owned(),
        Flaw::SessionCookie => {
            return format!("{SESSION_TOKEN}.{}%3D", encode([7; 32]));
        }
        Flaw::CookieCache => {
            return hmac(
                &good.without_header("kid"),
                key,
                b"a secret of the server, told to nobody else",
            );
        }
        Flaw::Encrypted => {
            let header = json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": key.key_id() });
            let parts = [&[7; 256][..], &[7; 12], &[7; 400], &[7; 16]].map(encode);
            return format!("{}.{}", encode(header.to_string()), parts.join("."));
        }
        Flaw::JsonSerialized => {
            let token = good.sign(key);
            let parts: Vec<&str> = token.split('.').collect();
            let members = ["protected", "payload", "signature"].into_iter().zip(parts);
            return Value::from_iter(members).to_string();
        }
        Flaw::TwoParts => {
            let token = good.sign(key);
            let (input, _) = token.rsplit_once('.').expect("a token has three parts");
            return input.to_owned();
        }
        Flaw::Padded => return format!("{}=", good.sign(key)),
        Flaw::Oversized => good.claim("padding", "x".repeat(MAX_TOKEN_BYTES)),
        Flaw::Garbage => return "let-me-in".to_owned(),
        Flaw::Empty => return String::new(),
    };
    bent.sign(key)
}

const SESSION_TOKEN: &str = "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp";

/// A key that the issuer does not know, under the id of one that it does.
fn stranger(key: &SigningKey) -> SigningKey {
    SigningKey::generate(key.algorithm(), key.key_id())
}

fn hmac(token: &TokenBuilder, key: &SigningKey, secret: &[u8]) -> String {
    let signer = HS256
        .signer_from_bytes(secret)
        .expect("the secret is longer than a sha-256 hash");
    let token = token.clone().header("alg", "HS256");
    token.sign_with(key, |input| {
        signer.sign(input).expect("hmac signs any message")
    })
}
